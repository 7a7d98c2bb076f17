"""What the home page answers: what do I own, what can I use, what is due, what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from ledger.accounts import queries as accounts
from ledger.approvals import queries as approvals
from ledger.audit import queries as audit
from ledger.jobs import queries as jobs
from ledger.jobs.states import JobState
from ledger.kernel.actors import Actor
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


def holdings(party_id: UUID) -> list[SchemeLine]:
    """What the party's accounts hold, a line for each scheme."""
    lines: dict[str, SchemeLine] = {}
    for one in units.holdings_in(accounts.account_ids_of(party_id)):
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


def open_approvals(actor: Actor) -> int:
    return approvals.count_open(actor)


def saved_views(user_id: UUID) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user_id=user_id).order_by("name")
