"""What is paid: price parts on what was settled, and what the deviation rules ask for.

Amounts are exact until they are rounded once, half up, to the cent; a part that is priced by hours
of use is rounded as a whole and shared out over its lines, so that the lines add up to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.ppas.rules.quantities import Quantities
from finance.ppas.rules.refusals import PriceMissing
from ledger.kernel.money import Money
from ledger.kernel.quantities import WIDE

PAYEES = {
    "ENERGY": "SELLER", "ENVIRONMENT": "SELLER", "SERVICE": "SELLER", "TRANSMISSION": "GRID",
    "LOSSES": "GRID", "SYSTEM": "GRID", "FUNDS": "TREASURY",
}  # fmt: skip
OF_THE_SELLER = ("ENERGY", "ENVIRONMENT")  # the contract price of R8.4
ZERO = Decimal(0)
PRICE_STEP = 8  # decimals of a price in CNY/kWh


@dataclass(frozen=True, slots=True)
class Price:
    """One agreed price that holds in the month; `tariff` empty: for all hours."""

    id: str
    kind: str
    tariff: str
    cny_per_kwh: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """What a deviation costs (R8.4); shares in basis points."""

    id: str
    of: str
    kind: str
    rate_bps: int = 0
    tolerance_bps: int = 0
    price_cny_per_kwh: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Line:
    kind: str
    tariff: str
    energy_wh: int
    cny_per_kwh: Decimal
    amount_cny: Decimal
    payer: str
    payee: str
    price_id: str = ""
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """Who pays and who is paid; the buyer pays what all others get."""

    buyer_pays_cny: Decimal
    seller_gets_cny: Decimal
    grid_gets_cny: Decimal
    treasury_gets_cny: Decimal


def amount_of(energy_wh: int, cny_per_kwh: Decimal) -> Decimal:
    """Exact."""
    return WIDE.multiply(Decimal(energy_wh).scaleb(-3), cny_per_kwh)


def statement_lines(
    found: Quantities, *, prices: Sequence[Price], rules: Sequence[Rule], month: str
) -> list[Line]:
    """Every line of a month.

    :raises PriceMissing: hours with energy have no price of a part that is priced by hours of use
    """
    by_side = {rule.of: rule for rule in rules}
    surplus = by_side.get("SURPLUS")
    with_surplus = surplus is not None and surplus.kind != "NONE"
    charged = found.settled_wh + (found.surplus_wh if with_surplus else 0)
    lines = list[Line]()
    for kind, payee in PAYEES.items():
        own = [price for price in prices if price.kind == kind]
        energy = found.settled_wh if payee == "SELLER" else charged
        if own and energy:
            lines += _part(kind, own, found.by_tariff(energy), energy, month)
    average = contract_price(found.weights, prices)
    lines += _shortfall(by_side.get("SELLER"), found.seller_short_wh, found, average)
    lines += _shortfall(by_side.get("BUYER"), found.buyer_short_wh, found, average)
    if surplus is not None:
        lines += _surplus(surplus, found, average)
    return lines


def _part(
    kind: str, prices: Sequence[Price], by_tariff: Mapping[str, int], energy_wh: int, month: str
) -> list[Line]:
    known = {price.tariff: price for price in prices}
    hours = {name: energy for name, energy in by_tariff.items() if energy}
    priced: list[tuple[str, int, Price]] = []
    for name, energy in hours.items():
        price = known.get(name, known.get(""))
        if price is None:
            raise PriceMissing(month=month)
        priced.append((name if price.tariff else "", energy, price))
    if all(price.tariff == "" for _n, _e, price in priced):
        priced = [("", energy_wh, priced[0][2])]
    exact = [amount_of(energy, price.cny_per_kwh) for _name, energy, price in priced]
    amounts = _shared(exact)
    return [
        Line(
            kind, name, energy, price.cny_per_kwh, amount, "BUYER", PAYEES[kind], price_id=price.id
        )
        for (name, energy, price), amount in zip(priced, amounts, strict=True)
    ]


def _shared(exact: Sequence[Decimal]) -> list[Decimal]:
    """Round the sum once; cents go to the lines by their exact amounts."""
    whole = ZERO
    for amount in exact:
        whole = WIDE.add(whole, amount)
    weights = [int(amount.scaleb(PRICE_STEP + 3, context=WIDE)) for amount in exact]
    if not any(weights):
        return [Money(ZERO).rounded().amount for _ in exact]
    return [share.rounded().amount for share in Money(whole).share_out(weights)]


def contract_price(weights: Mapping[str, int], prices: Sequence[Price]) -> Decimal:
    """The average of what the seller asks for a kWh (energy and premium), by the user's hours.

    Without any energy in the month, the plain average over its hours of use.
    """
    price = ZERO
    for kind in OF_THE_SELLER:
        price = WIDE.add(price, average_price(weights, [p for p in prices if p.kind == kind]))
    return price


def average_price(weights: Mapping[str, int], prices: Sequence[Price]) -> Decimal:
    """Of one part, to eight decimals."""
    if not prices:
        return ZERO
    known = {price.tariff: price.cny_per_kwh for price in prices}
    used = {name: weight for name, weight in weights.items() if weight}
    if set(known) == {""}:
        return known[""]
    if not used or any(name not in known and "" not in known for name in used):
        used = dict.fromkeys((name for name in known if name), 1)
    total = sum(used.values())
    cost = ZERO
    for name, weight in used.items():
        each = known[name] if name in known else known[""]
        cost = WIDE.add(cost, WIDE.multiply(Decimal(weight), each))
    return WIDE.divide(cost, Decimal(total)).quantize(Decimal(1).scaleb(-PRICE_STEP))


def beyond(short_wh: int, *, of_wh: int, tolerance_bps: int) -> int:
    """What is short of the contract by more than its tolerance."""
    return max(0, short_wh - of_wh * tolerance_bps // 10_000)


def _shortfall(
    rule: Rule | None, short_wh: int, found: Quantities, average: Decimal
) -> Iterator[Line]:
    if rule is None or not short_wh:
        return
    energy = beyond(short_wh, of_wh=found.contracted_wh, tolerance_bps=rule.tolerance_bps)
    payer = rule.of
    payee = "BUYER" if payer == "SELLER" else "SELLER"
    price = _price_of_shortfall(rule, average)
    amount = Money(amount_of(energy, price)).rounded().amount
    kind = f"SHORTFALL_{rule.of}"
    yield Line(kind, "", energy, price, amount, payer, payee, rule_id=rule.id)


def _price_of_shortfall(rule: Rule, average: Decimal) -> Decimal:
    """Per kWh; nobody gains by another's failure: a difference below zero is none."""
    if rule.kind == "SHARE_OF_PRICE":
        return WIDE.multiply(average, Decimal(rule.rate_bps).scaleb(-4))
    if rule.kind == "REPLACEMENT":
        other = rule.price_cny_per_kwh
        gap = (
            WIDE.subtract(other, average) if rule.of == "SELLER" else WIDE.subtract(average, other)
        )
        return max(ZERO, gap)
    return ZERO


def _surplus(rule: Rule, found: Quantities, average: Decimal) -> Iterator[Line]:
    """Within the tolerance at the contract price; beyond it as the rule says."""
    if not found.surplus_wh or rule.kind == "NONE":
        return
    over = beyond(found.surplus_wh, of_wh=found.contracted_wh, tolerance_bps=rule.tolerance_bps)
    price = rule.price_cny_per_kwh
    if rule.kind == "SHARE_OF_PRICE":
        price = WIDE.multiply(average, Decimal(rule.rate_bps).scaleb(-4))
    for energy, each in ((found.surplus_wh - over, average), (over, price)):
        if energy:
            amount = Money(amount_of(energy, each)).rounded().amount
            yield Line("SURPLUS", "", energy, each, amount, "BUYER", "SELLER", rule_id=rule.id)


def make_good_wh(found: Quantities, rules: Sequence[Rule]) -> int:
    """What the seller owes in certificates instead of money."""
    for rule in rules:
        if rule.of == "SELLER" and rule.kind == "MAKE_GOOD":
            return beyond(
                found.seller_short_wh, of_wh=found.contracted_wh, tolerance_bps=rule.tolerance_bps
            )
    return 0


def totals(lines: Sequence[Line]) -> Totals:
    def net(who: str) -> Decimal:
        paid = sum((line.amount_cny for line in lines if line.payee == who), Money(ZERO).amount)
        owed = sum((line.amount_cny for line in lines if line.payer == who), Money(ZERO).amount)
        return Money(paid - owed).rounded().amount

    return Totals(
        buyer_pays_cny=-net("BUYER") or Money(ZERO).rounded().amount,
        seller_gets_cny=net("SELLER"),
        grid_gets_cny=net("GRID"),
        treasury_gets_cny=net("TREASURY"),
    )
