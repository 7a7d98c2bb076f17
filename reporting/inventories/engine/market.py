"""Market-based Scope 2: claims first, then direct supply, then the residual mix (R5.6–R5.10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.inventories.engine.values import (
    ZERO,
    Activity,
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
    uses, left = _use_claims(market, uncovered)
    by_claim = [use for use in uses if use.used_mwh]
    rungs = [
        MarketLine(
            Rung.CERTIFICATE,
            WIDE.subtract(uncovered, left),
            ZERO,
            ZERO,
            claim_ids=[use.claim.id for use in by_claim],
        ),
        MarketLine(Rung.DIRECT_SUPPLY, direct, ZERO, ZERO),
        MarketLine(Rung.SELF_GENERATED, WIDE.subtract(own, sold), ZERO, ZERO),
        _rest(left, market.residual_mix, grid_average),
    ]
    return Climbed([line for line in rungs if line.mwh], uses, list(_flags(market, uses, left)))


def _mwh(activities: Iterable[Activity], kind: SourceKind) -> Decimal:
    whole = ZERO
    for one in activities:
        if one.kind is kind:
            mwh = WIDE.multiply(one.quantity.to(Measure.MWH).amount, one.share)
            whole = WIDE.add(whole, mwh)
    return whole


def _use_claims(market: PowerMarket, wanted: Decimal) -> tuple[list[ClaimUse], Decimal]:
    uses, left = [], wanted
    for claim in market.claims:
        is_usable = claim.instrument in CERTIFICATES and not claim.failed
        used = min(claim.mwh, left) if is_usable else ZERO
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
        if use.claim.instrument not in CERTIFICATES:
            continue
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
