"""Market-based Scope 2: claims first, then direct supply, then the residual mix (R5.6–R5.10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.inventories.engine.values import (
    ZERO,
    Activity,
    Claim,
    ClaimUse,
    Factor,
    MarketLine,
    PowerMarket,
)
from reporting.inventories.states import Rung
from reporting.parks.states import SourceKind

# What conveys the attribute of bought power. A reduction credit does not (R5.1, R3.23); a claim on
# power of one's own use proves that use and covers nothing that was bought.
CERTIFICATES = frozenset({"GEC", "IREC"})
# A supply contract without certificates: the next rung (R5.6).
CONTRACTS = frozenset({"PPA"})
ONE_MWH = Quantity(Decimal(1), Measure.MWH)


@dataclass(frozen=True, slots=True)
class Climbed:
    lines: list[MarketLine]
    claims: list[ClaimUse]
    flags: list[tuple[str, str]]


def climb(activities: Sequence[Activity], market: PowerMarket, grid_average: Decimal) -> Climbed:
    """Every MWh used, on the best rung that its evidence allows.

    A claim with one "no" among its eight criteria is not usable: its MWh fall to the next rung.
    Claims beyond the consumption are not used: they give no negative emissions.
    Self-generated power whose certificates were sold counts at the residual mix (R5.10).
    """
    bought = _mwh(activities, SourceKind.PURCHASED_POWER)
    direct = _mwh(activities, SourceKind.DIRECT_GREEN_POWER)
    own = _mwh(activities, SourceKind.SELF_GENERATED_POWER)
    sold = min(market.sold_certificates_mwh, own)
    uncovered = WIDE.add(bought, sold)
    certified, left = _use_claims(market.claims, CERTIFICATES, uncovered)
    # a contract's MWh that came by a line of their own are in the direct supply already
    contracted, room = _use_claims(market.claims, CONTRACTS, WIDE.add(direct, left))
    by_contract = max(WIDE.subtract(WIDE.subtract(WIDE.add(direct, left), room), direct), ZERO)
    uses = [*certified, *contracted]
    rest = WIDE.subtract(left, by_contract)
    rungs = [
        _free(Rung.CERTIFICATE, WIDE.subtract(uncovered, left), certified),
        _free(Rung.DIRECT_SUPPLY, WIDE.add(direct, by_contract), contracted),
        _free(Rung.SELF_GENERATED, WIDE.subtract(own, sold), ()),
        _rest(rest, market.residual_mix, grid_average),
    ]
    return Climbed([line for line in rungs if line.mwh], uses, list(_flags(market, uses, rest)))


def _free(rung: Rung, mwh: Decimal, uses: Sequence[ClaimUse]) -> MarketLine:
    """Power whose attribute is claimed: it counts nothing."""
    claim_ids = [use.claim.id for use in uses if use.used_mwh]
    return MarketLine(rung, mwh, ZERO, ZERO, claim_ids=claim_ids)


def _mwh(activities: Iterable[Activity], kind: SourceKind) -> Decimal:
    whole = ZERO
    for one in activities:
        if one.kind is kind:
            mwh = WIDE.multiply(one.quantity.to(Measure.MWH).amount, one.share)
            whole = WIDE.add(whole, mwh)
    return whole


def _use_claims(
    claims: Sequence[Claim], instruments: frozenset[str], wanted: Decimal
) -> tuple[list[ClaimUse], Decimal]:
    """The claims of some instruments, each up to what is still wanted; and what is left."""
    uses, left = [], wanted
    for claim in claims:
        if claim.instrument not in instruments:
            continue
        used = ZERO if claim.failed else min(claim.mwh, left)
        left = WIDE.subtract(left, used)
        uses.append(ClaimUse(claim, used, claim.failed))
    return uses, left


def _rest(mwh: Decimal, residual_mix: Factor | None, grid_average: Decimal) -> MarketLine:
    if residual_mix is None:
        return MarketLine(Rung.GRID_AVERAGE, mwh, grid_average, WIDE.multiply(mwh, grid_average))
    each = residual_mix.emission(ONE_MWH)
    tco2e = WIDE.multiply(mwh, each)
    return MarketLine(Rung.RESIDUAL_MIX, mwh, each, tco2e, factor_id=residual_mix.id)


def _flags(
    market: PowerMarket, uses: Sequence[ClaimUse], left: Decimal
) -> Iterable[tuple[str, str]]:
    for use in uses:
        if use.failed:
            yield "claim_not_usable", use.claim.id
        elif use.used_mwh < use.claim.mwh:
            yield "claim_beyond_consumption", use.claim.id
        elif use.claim.unchecked:
            yield "claim_not_checked", use.claim.id
    if market.residual_mix is None and left:
        yield "no_residual_mix", ""
    elif market.residual_mix is not None and market.residual_mix.is_fallback and left:
        yield "factor_fallback", market.residual_mix.note or market.residual_mix.id
