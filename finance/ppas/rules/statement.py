"""A whole statement out of values: quantities, lines, meters, certificates, and one hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finance.ppas.rules import money, quantities
from finance.ppas.rules.money import Line, Price, Rule, Totals
from finance.ppas.rules.quantities import Certificates, Quantities, Volumes
from ledger.kernel.canonical import digest


@dataclass(frozen=True, slots=True)
class MeterShare:
    """A meter of a contract in a month; `meter_month` is empty where no row came in."""

    point_id: str
    side: str
    share_bps: int
    metered_wh: int
    meter_month: str
    missing_count: int

    @property
    def own_wh(self) -> int:
        return quantities.part_of(self.metered_wh, self.share_bps)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a month of a contract."""

    contract_id: str
    month: str
    quantity_rule: str
    is_bundled: bool
    prices: tuple[Price, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement before it is written."""

    terms: Terms
    found: Quantities
    lines: tuple[Line, ...]
    totals: Totals
    meters: tuple[tuple[MeterShare, int], ...]  # with what was settled of each
    certificates: Certificates
    make_good_wh: int
    contract_price_cny_per_kwh: Decimal
    missing_count: int

    @property
    def content_hash(self) -> str:
        return digest(self.content()).hex()

    def content(self) -> dict[str, Any]:
        """Everything that was settled, and from what; not when and by whom."""
        found, made = self.found, self.certificates
        return {
            "contract": self.terms.contract_id,
            "month": self.terms.month,
            "energy_wh": {
                name: getattr(found, name)
                for name in (
                    "contracted_wh", "generated_wh", "consumed_wh", "delivered_wh", "settled_wh",
                    "seller_short_wh", "buyer_short_wh", "surplus_wh",
                )
            },
            "make_good_wh": self.make_good_wh,
            "certificates": [made.carried_in_wh, made.unit_count, made.carried_out_wh],
            "lines": [
                [x.kind, x.tariff, x.energy_wh, f"{x.cny_per_kwh.normalize():f}",
                 f"{x.amount_cny:f}", x.payer, x.payee, x.price_id or x.rule_id]
                for x in self.lines
            ],
            "meters": [
                [meter.point_id, meter.share_bps, meter.metered_wh, meter.meter_month, settled]
                for meter, settled in self.meters
            ],
            "missing": self.missing_count,
        }  # fmt: skip


def make_draft(
    terms: Terms,
    *,
    volumes: Volumes,
    meters: Sequence[MeterShare],
    carried_in_wh: int,
) -> Draft:
    """:raises PriceMissing: hours with energy have no price"""
    found = quantities.quantities(volumes, rule=terms.quantity_rule)
    lines = money.statement_lines(found, prices=terms.prices, rules=terms.rules, month=terms.month)
    certificates = Certificates(0, 0, 0)
    if terms.is_bundled:
        certificates = quantities.certificates(found.settled_wh, carried_in_wh=carried_in_wh)
    return Draft(
        terms=terms,
        found=found,
        lines=tuple(lines),
        totals=money.totals(lines),
        meters=tuple(_settled_of(meters, found.settled_wh)),
        certificates=certificates,
        make_good_wh=money.make_good_wh(found, terms.rules),
        contract_price_cny_per_kwh=money.contract_price(found.weights, terms.prices),
        missing_count=sum(meter.missing_count for meter in meters),
    )


def _settled_of(meters: Sequence[MeterShare], settled_wh: int) -> list[tuple[MeterShare, int]]:
    """Each side's meters share the settled energy by what is the contract's of them."""
    shares: Mapping[str, int] = {}
    for side in ("GENERATION", "CONSUMPTION"):
        own = {meter.point_id: meter.own_wh for meter in meters if meter.side == side}
        shares = {**shares, **quantities.split(settled_wh, own)}
    return [(meter, shares[meter.point_id]) for meter in meters]
