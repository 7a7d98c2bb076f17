"""What the home page answers: what do I own, what can I use, what is due, what is wrong."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from finance.funds import queries as funds
from finance.hedges import queries as hedges
from finance.prices import queries as prices
from finance.proceeds import queries as proceeds
from finance.repos import queries as repos
from finance.trades import queries as trades
from ledger.accounts import queries as accounts
from ledger.approvals import queries as approvals
from ledger.audit import queries as audit
from ledger.compliance import queries as compliance
from ledger.holds import queries as holds
from ledger.jobs import queries as jobs
from ledger.jobs.states import JobState
from ledger.kernel.actors import Actor
from ledger.kernel.money import Money
from ledger.parameters.queries import NoParameter
from ledger.reconciliation import queries as reconciliation
from ledger.units import queries as units
from ledger.units.states import LIVE, UnitState
from reporting.activity import queries as activity
from reporting.activity.states import DatasetState
from reporting.desk.models import SavedView
from reporting.parks import queries as parks


@dataclass(slots=True)
class SchemeLine:
    """The units of one scheme, by state; `vintages` parts the live ones by year."""

    scheme: str
    by_state: dict[UnitState, int] = field(default_factory=dict)
    vintages: dict[int, int] = field(default_factory=dict)

    @property
    def live(self) -> int:
        return sum(count for state, count in self.by_state.items() if state in LIVE)

    @property
    def free(self) -> int:
        return self.by_state.get(UnitState.FREE, 0)

    @property
    def set_aside(self) -> int:
        return self.live - self.free


@dataclass(frozen=True, slots=True)
class DataLine:
    """How complete a park's year of data is, and how far it has come."""

    park_id: UUID
    park_name: str
    park_name_en: str
    year: int
    percent: int
    missing_count: int
    state: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that needs a person: a kind for the sentence, a number, and where to look."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class DueLine:
    """A day that comes, or has passed undone: a kind for the sentence, facts, where to look."""

    kind: str
    day: date
    subject_id: UUID
    about: Mapping[str, object]
    is_unverified: bool = False


def holdings(party_id: UUID) -> list[SchemeLine]:
    """What the party owns, a line for each scheme."""
    lines: dict[str, SchemeLine] = {}
    for one in units.holdings(party_id):
        line = lines.setdefault(one.scheme, SchemeLine(one.scheme))
        line.by_state[one.state] = line.by_state.get(one.state, 0) + one.unit_count
        if one.state in LIVE:
            line.vintages[one.vintage_year] = (
                line.vintages.get(one.vintage_year, 0) + one.unit_count
            )
    return list(lines.values())


def data_lines(party_id: UUID, *, on: date) -> list[DataLine]:
    """The last full year of each of the party's parks."""
    return [_data_line(park, year=on.year - 1, on=on) for park in parks.parks_of(party_id)]


def due_next(party_id: UUID, *, on: date) -> list[DueLine]:
    """Due days of compliance, units that end soon, transfers that will go out: the next first."""
    mine = accounts.account_ids_of(party_id)
    found = [*_compliance_days(party_id, on), *_endings(mine, on), *_transfers(mine)]
    return sorted(found, key=lambda line: (line.day, line.kind))


def _compliance_days(party_id: UUID, on: date) -> Iterator[DueLine]:
    for due in compliance.due_dates(party_id, on):
        about = {"name": due.name, "entity": due.entity, "year": due.year, "open": due.open_t}
        yield DueLine("compliance", due.due_on, due.obligation_id, about, due.is_unverified)


def _endings(account_ids: list[UUID], on: date) -> Iterator[DueLine]:
    for within in units.find_warning_days(on):
        for one in units.expiring(on=on, within_days=within, account_ids=account_ids):
            about = {"units": one.unit_count, "lot": one.lot_code}
            yield DueLine("expiry", one.last_usable_on, one.lot_id, about)


def _transfers(account_ids: list[UUID]) -> Iterator[DueLine]:
    for one in holds.waiting_transfers_of(account_ids):
        about = {
            "units": one.hold.remaining_count,
            "lot": one.hold.lot.code,
            "target": one.to_account.number,
        }
        yield DueLine("transfer", one.executes_on, one.pk, about)


def _data_line(park: parks.ParkView, *, year: int, on: date) -> DataLine:
    found = activity.completeness(park.id, year, until=on)
    dataset = activity.find_dataset(park_id=park.id, year=year)
    state = DatasetState(dataset.state).label if dataset else DatasetState.DRAFT.label
    return DataLine(
        park.id, park.name_zh, park.name_en, year, found.percent, len(found.missing), str(state)
    )


def troubles(actor: Actor) -> Iterable[Trouble]:
    """What is wrong today, worst first."""
    seal = audit.seal_state()
    if seal.is_behind_outside:
        yield Trouble("behind_outside", 1)
    if seal.unsealed_count:
        yield Trouble("unsealed", seal.unsealed_count)
    breaks = reconciliation.count_open_breaks(actor)
    if breaks:
        yield Trouble("open_breaks", breaks)
    failed = jobs.jobs_of(actor).filter(state=JobState.FAILED).count()
    if failed:
        yield Trouble("failed_jobs", failed)


def worth(party_id: UUID, *, on: date) -> prices.Total | None:
    """What the party's units come to on a day; None where the rule book does not reach."""
    try:
        return prices.total(prices.value_holdings(party_id, on))
    except NoParameter:
        return None


@dataclass(frozen=True, slots=True)
class Commitment:
    """What is promised and not done yet: a kind for the sentence, how many, and how much."""

    kind: str
    count: int
    amounts: tuple[Money, ...] = ()


def commitments(party_id: UUID, *, on: date) -> list[Commitment]:
    """Trades to settle, margin called, units to return, money to pay into funds or to spend."""
    found = (
        _to_settle(party_id),
        _margin(party_id),
        _to_return(party_id, on),
        _undrawn(party_id, on),
        _unspent(party_id),
    )
    return [one for one in found if one.count]


def _sums(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """By currency; what is nought is left out."""
    sums: dict[str, Money] = {}
    for one in amounts:
        sums[one.currency] = sums[one.currency] + one if one.currency in sums else one
    return tuple(sums[code] for code in sorted(sums) if sums[code].amount)


def _to_settle(party_id: UUID) -> Commitment:
    left = trades.left_to_settle(party_id)
    return Commitment("trades", len(left), _sums(left))


def _margin(party_id: UUID) -> Commitment:
    calls = [hedges.standing_of(one).call for one in hedges.open_contracts(party_id)]
    return Commitment("margin", len(calls), _sums(calls))


def _to_return(party_id: UUID, on: date) -> Commitment:
    owed = [one for one in repos.owed_by_and_to(party_id, on) if one.is_liability]
    return Commitment(
        "units", sum(one.unit_count for one in owed), _sums(one.value for one in owed if one.value)
    )


def _undrawn(party_id: UUID, on: date) -> Commitment:
    invested = {one.pk: one.currency for one in funds.funds_invested_in(party_id)}
    mine = funds.positions_of(invested, on=on, investor_id=party_id) if invested else []
    left = [Money(one.undrawn, invested[one.fund_id]) for one in mine if one.undrawn]
    return Commitment("funds", len(left), _sums(left))


def _unspent(party_id: UUID) -> Commitment:
    raised = proceeds.unspent_of(party_id)
    return Commitment("proceeds", len(raised), _sums(raised))


def open_approvals(actor: Actor) -> int:
    return approvals.count_open(actor)


def saved_views(user_id: UUID) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user_id=user_id).order_by("name")
