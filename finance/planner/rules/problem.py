"""What a plan starts from. Units are whole, money is whole fen, days are Beijing days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from ledger.kernel.errors import N_, DomainError

FREE = "FREE"
RELEASABLE = frozenset({"PLEDGED", "RESERVED"})
MOST_FEES = 6


class FinerThanFen(DomainError):
    code = "finer_than_fen"
    message = N_("%(text)s is finer than one fen: prices are exact to 0.01.")


class NotAPrice(DomainError):
    code = "not_a_price"
    message = N_("%(text)s is not a price.")


class NothingToPlan(DomainError):
    code = "nothing_to_plan"
    message = N_("There is no obligation year to cover.")


class YearTwice(DomainError):
    code = "year_twice"
    message = N_("The obligation year %(year)s is there twice.")


class NegativeQuantity(DomainError):
    code = "negative_quantity"
    message = N_("Quantities and costs of a plan are not negative.")


class ShareOutOfRange(DomainError):
    code = "share_out_of_range"
    message = N_("The share that offsets may cover lies between 0 and 1.")


class TooManyFees(DomainError):
    """Each fee doubles the combinations that must be tried to be exact."""

    code = "too_many_fees"
    message = N_("At most %(limit)s pledges with a fixed fee can be weighed in one plan.")


def fen(amount: Decimal) -> int:
    """A price in CNY as whole fen.

    :raises FinerThanFen: it has more than two places
    :raises NotAPrice: negative, or not a number
    """
    if not amount.is_finite() or amount < 0:
        raise NotAPrice(text=str(amount))
    whole = amount.scaleb(2)
    if whole != whole.to_integral_value():
        raise FinerThanFen(text=str(amount))
    return int(whole)


@dataclass(frozen=True, slots=True)
class Cell:
    """Allowance vintages × obligation years, allowed or not (R2.25).

    The first cell that names a pair decides; what no cell names is not allowed.
    """

    vintages: tuple[int, int]
    years: tuple[int, int]
    legal_basis: str = ""
    is_draft: bool = False
    allowed: bool = True

    def covers(self, vintage: int, year: int) -> bool:
        return (
            self.vintages[0] <= vintage <= self.vintages[1]
            and self.years[0] <= year <= self.years[1]
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """An obligation year: all that is owed, and what has been handed in already."""

    year: int
    obligation: int
    due_on: date
    offset_share: Decimal
    surrendered: int = 0  # offsets included
    offsets_surrendered: int = 0
    obligation_id: str = ""

    @property
    def open(self) -> int:
        return max(0, self.obligation - self.surrendered)

    @property
    def offset_cap(self) -> int:
        """R2.24, TV-2.8: floor(share × obligation), whatever part of it was used."""
        cap = Decimal(self.obligation) * self.offset_share
        return int(cap.to_integral_value(rounding=ROUND_FLOOR))

    @property
    def offset_room(self) -> int:
        return max(0, self.offset_cap - self.offsets_surrendered)

    def latest(self, on: date) -> date:
        """The day that counts: the deadline, or today for arrears."""
        return max(self.due_on, on)


@dataclass(frozen=True, slots=True)
class Pledge:
    """A hold on units, with what it takes to get them out of it."""

    hold_id: str
    cost_fen: int = 0  # for each unit released
    fee_fen: int = 0  # once, however many are released
    days: int = 0  # that a release takes
    ask_until: date | None = None  # the last day to ask for it
    ends_on: date | None = None  # the first day without the hold, if it ends by itself


@dataclass(frozen=True, slots=True)
class Stock:
    """Own units of one lot in one account and state."""

    account_id: str
    lot_id: str
    label: str
    scheme: str
    vintage: int
    quantity: int
    state: str = FREE
    last_day: date | None = None  # on which they may be used
    refusal: str = ""  # why these units cannot be used at all; code of a refusal
    pledge: Pledge | None = None

    @property
    def key(self) -> str:
        hold = self.pledge.hold_id if self.pledge else self.state
        return f"{self.account_id}:{self.lot_id}:{hold}"


@dataclass(frozen=True, slots=True)
class Price:
    """What a unit can be bought and sold for, as somebody said on a day. `vintage`: None for any.

    `available`: how many can be bought at that price; None: as many as needed.
    """

    scheme: str
    vintage: int | None
    buy_fen: int | None
    sell_fen: int | None
    quoted_on: date
    source: str
    available: int | None = None
    price_id: str = ""


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Old vintages that may still become new ones, by the calculator of R2.28."""

    vintages: tuple[int, int]
    limit: int
    into: int
    scheme: str
    apply_by: date


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that a plan depends on: the same problem has the same plan, for ever.

    `sells_ageing`: count what units that lose their use would fetch if they were sold before.
    """

    on: date
    demands: tuple[Demand, ...]
    stocks: tuple[Stock, ...]
    prices: tuple[Price, ...]
    allowances: tuple[str, ...]
    offsets: tuple[str, ...]
    cells: tuple[Cell, ...]
    carry_over: CarryOver | None = None
    sells_ageing: bool = False

    # --- which unit serves which year

    def serves(self, scheme: str, vintage: int | None, year: int) -> bool:
        """Offsets have no vintage axis here; allowances need a cell of the matrix."""
        if scheme in self.offsets:
            return True
        if scheme not in self.allowances or vintage is None:
            return False
        found = next((cell for cell in self.cells if cell.covers(vintage, year)), None)
        return found is not None and found.allowed

    def serves_later(self, scheme: str, vintage: int) -> bool:
        """Whether a vintage may serve any year after those planned."""
        starts = {cell.years[0] for cell in self.cells if cell.years[0] > self.year_after}
        ends = {cell.years[1] + 1 for cell in self.cells if cell.years[1] >= self.year_after}
        years = {self.year_after, *starts, *ends}
        return any(self.serves(scheme, vintage, year) for year in years)

    @property
    def year_after(self) -> int:
        return max(demand.year for demand in self.demands) + 1

    def can_use(self, stock: Stock, demand: Demand) -> bool:
        in_time = stock.last_day is None or stock.last_day >= self.on
        return in_time and self.serves(stock.scheme, stock.vintage, demand.year)

    @property
    def last_due_on(self) -> date:
        return max(demand.latest(self.on) for demand in self.demands)

    def keeps_use(self, stock: Stock) -> bool:
        """Whether the units could still serve a year after those planned (R2.31)."""
        if stock.last_day is not None and stock.last_day <= self.last_due_on:
            return False
        return self.serves_later(stock.scheme, stock.vintage)

    def loses_use_on(self, stock: Stock) -> date | None:
        """The last day on which units that lose their use still have one; None: none any more."""
        dues = [d.latest(self.on) for d in self.demands if self.can_use(stock, d)]
        if not dues:
            return None
        last = max(dues)
        return last if stock.last_day is None else min(last, stock.last_day)

    # --- what they are worth

    def sell_fen(self, scheme: str, vintage: int) -> int | None:
        found = [
            price.sell_fen
            for price in self.prices
            if price.scheme == scheme and price.vintage in {vintage, None}
        ]
        known = [one for one in found if one is not None]
        return max(known) if known else None

    def value_fen(self, stock: Stock) -> int:
        """What using a unit gives up: its sell price, or nothing where it loses its use."""
        if not self.keeps_use(stock) and not self.sells_ageing:
            return 0
        return self.sell_fen(stock.scheme, stock.vintage) or 0


def carry_over_of(problem: Problem, *, limit: int, apply_by: date) -> CarryOver | None:
    """What of the holding may be carried over, and into which vintage: the oldest that serves on.

    None where nothing loses its use, or no vintage would keep it.
    """
    old = [
        stock
        for stock in problem.stocks
        if stock.scheme in problem.allowances
        and not problem.serves_later(stock.scheme, stock.vintage)
    ]
    if not limit or not old:
        return None
    scheme, years = old[0].scheme, [stock.vintage for stock in old]
    later = range(max(years) + 1, problem.year_after + 1)
    into = next((v for v in later if problem.serves_later(scheme, v)), None)
    if into is None:
        return None
    return CarryOver((min(years), max(years)), limit, into, scheme, apply_by)


def _amounts(problem: Problem) -> Iterable[int | None]:
    for demand in problem.demands:
        yield from (demand.obligation, demand.surrendered, demand.offsets_surrendered)
    for stock in problem.stocks:
        yield stock.quantity
        if stock.pledge:
            yield from (stock.pledge.cost_fen, stock.pledge.fee_fen, stock.pledge.days)
    for price in problem.prices:
        yield from (price.buy_fen, price.sell_fen, price.available)
    if problem.carry_over:
        yield problem.carry_over.limit


def check_problem(problem: Problem) -> None:
    """:raises NothingToPlan: no obligation year
    :raises YearTwice: one of them is there twice
    :raises NegativeQuantity, ShareOutOfRange, TooManyFees: not a problem we can solve
    """
    years = [demand.year for demand in problem.demands]
    if not years:
        raise NothingToPlan
    twice = next((year for year in years if years.count(year) > 1), None)
    if twice is not None:
        raise YearTwice(year=twice)
    if any(amount is not None and amount < 0 for amount in _amounts(problem)):
        raise NegativeQuantity
    if any(not 0 <= demand.offset_share <= 1 for demand in problem.demands):
        raise ShareOutOfRange
    if sum(1 for stock in problem.stocks if stock.pledge and stock.pledge.fee_fen) > MOST_FEES:
        raise TooManyFees(limit=MOST_FEES)


def days_before(day: date, count: int) -> date:
    return day - timedelta(days=count)
