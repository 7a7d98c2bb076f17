"""Market-based Scope 2: claims first, then direct supply, then the residual mix (R5.6–R5.10)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.inventories.engine.values import (
    ONE,
    ZERO,
    Activity,
    Claim,
    ClaimUse,
    Factor,
    MarketLine,
    PowerMarket,
    Supplier,
)
from reporting.inventories.states import Rung
from reporting.parks.states import SourceKind

# What conveys the attribute of bought power. A reduction credit does not (R5.1, R3.23); a claim on
# power of one's own use proves that use and covers nothing that was bought.
CERTIFICATES = frozenset({"GEC", "IREC"})
# A supply contract without certificates: the next rung (R5.6).
CONTRACTS = frozenset({"PPA"})
ONE_MWH = Quantity(ONE, Measure.MWH)


@dataclass(slots=True)
class Pool:
    """Power that claims may still cover, in MWh as metered; `share` of it counts."""

    share: Decimal = ONE
    bought: Decimal = ZERO
    direct: Decimal = ZERO
    by_contract: Decimal = ZERO  # of what was bought, covered by a contract

    def certify(self, mwh: Decimal) -> Decimal:
        """Cover bought power; gives how much."""
        taken = min(mwh, self.bought)
        self.bought = WIDE.subtract(self.bought, taken)
        return taken

    def supply(self, mwh: Decimal) -> Decimal:
        """Cover power by a contract: what came by a line of its own first, then what was bought."""
        by_line = min(mwh, self.direct)
        self.direct = WIDE.subtract(self.direct, by_line)
        by_grid = self.certify(WIDE.subtract(mwh, by_line))
        self.by_contract = WIDE.add(self.by_contract, by_grid)
        return WIDE.add(by_line, by_grid)


Cover = Callable[[Pool, Decimal], Decimal]
# Certificates before contracts (R5.6).
LADDER: tuple[tuple[frozenset[str], Cover], ...] = (
    (CERTIFICATES, Pool.certify),
    (CONTRACTS, Pool.supply),
)


Pools = dict[tuple[str, Decimal], Pool]  # by tenant's code and share


@dataclass(frozen=True, slots=True)
class Climbed:
    lines: list[MarketLine]
    claims: list[ClaimUse]
    flags: list[tuple[str, str]]


def climb(activities: Sequence[Activity], market: PowerMarket, grid_average: Decimal) -> Climbed:
    """Every MWh used, on the best rung that its evidence allows.

    A claim with one "no" among its eight criteria is not usable: its MWh fall to the next rung.
    Claims beyond the consumption are not used: they give no negative emissions. Tenants' claims
    come first, each on the tenant's own power; the operator's then cover what is left of all.
    Self-generated power whose certificates were sold counts at the residual mix (R5.10).
    """
    pools = _pools(activities)
    bought = _counted(pools, lambda pool: pool.bought)
    direct = _counted(pools, lambda pool: pool.direct)
    own = _self_generated(activities)
    sold = min(market.sold_certificates_mwh, own)
    found = _use_claims([x for x in market.claims if x.tenants], pools)
    left = Pool(
        bought=WIDE.add(_counted(pools, lambda pool: pool.bought), sold),
        direct=_counted(pools, lambda pool: pool.direct),
        by_contract=_counted(pools, lambda pool: pool.by_contract),
    )
    found |= _use_claims([x for x in market.claims if not x.tenants], {("", ONE): left})
    certified, contracted = (
        [found[x.id] for x in market.claims if x.instrument in instruments]
        for instruments, _cover in LADDER
    )
    uncovered = WIDE.add(left.bought, left.by_contract)
    supplied = _by_suppliers(market.suppliers, left)
    with_certificate = WIDE.subtract(WIDE.add(bought, sold), uncovered)
    rungs = [
        _free(Rung.CERTIFICATE, with_certificate, certified),
        _free(Rung.DIRECT_SUPPLY, WIDE.add(direct, left.by_contract), contracted),
        _free(Rung.SELF_GENERATED, WIDE.subtract(own, sold), ()),
        *supplied,
        _rest(left.bought, market.residual_mix, grid_average),
    ]
    uses = [*certified, *contracted]
    flags = list(_flags(market, uses, left.bought))
    return Climbed([line for line in rungs if line.mwh], uses, flags)


def _pools(activities: Iterable[Activity]) -> Pools:
    """The power from others by tenant and its share then; the operator's own under no code."""
    pools: Pools = {}
    for one in activities:
        if one.kind not in {SourceKind.PURCHASED_POWER, SourceKind.DIRECT_GREEN_POWER}:
            continue
        pool = pools.setdefault((one.tenant_code, one.share), Pool(one.share))
        mwh = one.quantity.to(Measure.MWH).amount
        if one.kind is SourceKind.PURCHASED_POWER:
            pool.bought = WIDE.add(pool.bought, mwh)
        else:
            pool.direct = WIDE.add(pool.direct, mwh)
    return pools


def _counted(pools: Pools, mwh_of: Callable[[Pool], Decimal]) -> Decimal:
    whole = ZERO
    for pool in pools.values():
        whole = WIDE.add(whole, WIDE.multiply(mwh_of(pool), pool.share))
    return whole


def _self_generated(activities: Iterable[Activity]) -> Decimal:
    whole = ZERO
    for one in activities:
        if one.kind is SourceKind.SELF_GENERATED_POWER:
            mwh = WIDE.multiply(one.quantity.to(Measure.MWH).amount, one.share)
            whole = WIDE.add(whole, mwh)
    return whole


def _use_claims(claims: Sequence[Claim], pools: Pools) -> dict[str, ClaimUse]:
    """The claims, each up to what is still to be covered in the pools it may cover."""
    by_code: dict[str, list[Pool]] = {}
    for (code, _share), pool in pools.items():
        by_code.setdefault(code, []).append(pool)
    return {
        claim.id: _use(
            claim, [pool for code in claim.tenants or ("",) for pool in by_code.get(code, ())], by
        )
        for instruments, by in LADDER
        for claim in claims
        if claim.instrument in instruments
    }


def _use(claim: Claim, pools: Sequence[Pool], cover: Cover) -> ClaimUse:
    spent, used = ZERO, ZERO
    for pool in () if claim.failed else pools:
        taken = cover(pool, WIDE.subtract(claim.mwh, spent))
        spent = WIDE.add(spent, taken)
        used = WIDE.add(used, WIDE.multiply(taken, pool.share))
    return ClaimUse(claim, used, spent, claim.failed)


def _free(rung: Rung, mwh: Decimal, uses: Sequence[ClaimUse]) -> MarketLine:
    """Power whose attribute is claimed: it counts nothing."""
    claim_ids = [use.claim.id for use in uses if use.used_mwh]
    return MarketLine(rung, mwh, ZERO, ZERO, claim_ids=claim_ids)


def _by_suppliers(suppliers: Sequence[Supplier], left: Pool) -> list[MarketLine]:
    """What no claim covers, at the supplier's own factor, for as many MWh as it is told for."""
    found = []
    for one in suppliers:
        if one.failed:
            continue
        mwh, each = left.certify(one.mwh), one.factor.emission(ONE_MWH)
        found.append(MarketLine(Rung.SUPPLIER, mwh, each, WIDE.multiply(mwh, each), mix=one.factor))
    return found


def _rest(mwh: Decimal, residual_mix: Factor | None, grid_average: Decimal) -> MarketLine:
    if residual_mix is None:
        return MarketLine(Rung.GRID_AVERAGE, mwh, grid_average, WIDE.multiply(mwh, grid_average))
    each = residual_mix.emission(ONE_MWH)
    return MarketLine(Rung.RESIDUAL_MIX, mwh, each, WIDE.multiply(mwh, each), mix=residual_mix)


def _flags(
    market: PowerMarket, uses: Sequence[ClaimUse], left: Decimal
) -> Iterable[tuple[str, str]]:
    for use in uses:
        if use.failed:
            yield "claim_not_usable", use.claim.id
        elif use.spent_mwh < use.claim.mwh:
            yield "claim_beyond_consumption", use.claim.id
        elif use.claim.unchecked:
            yield "claim_not_checked", use.claim.id
    for one in market.suppliers:
        if one.failed:
            yield "supplier_not_usable", one.name
    for claim_id in market.claimed_elsewhere:
        yield "claim_of_another_park", claim_id
    if market.residual_mix is None and left:
        yield "no_residual_mix", ""
