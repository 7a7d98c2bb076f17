"""What other rooms may ask about calculated activity."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from ledger.audit.keeping import rows_match_events
from ledger.audit.queries import Fault
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.quantities import Quantity
from reporting.activity import queries as activity
from reporting.activity.states import DatasetState
from reporting.entries import models
from reporting.entries.rules import methods
from reporting.entries.rules.methods import Worked
from reporting.entries.rules.standing import YearIsClosed
from reporting.entries.showing import INPUTS
from reporting.entries.states import CATEGORY, Method, Part
from reporting.parks import queries as parks

__all__ = ["Worked"]


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as it stands, and what its method makes of it."""

    id: UUID
    year: int
    code: str
    version: int
    title: str
    part: Part
    method: Method
    inputs: Mapping[str, str]
    carrier: str
    region: str
    given: Mapping[str, str]
    tenant_code: str
    supplier: str
    evidence: str
    quality: str
    digest: str
    worked: tuple[Worked, ...]

    @property
    def category(self) -> int:
        """Of ISO 14064-1."""
        return CATEGORY[self.part]

    @property
    def is_refrigerant(self) -> bool:
        return self.method in methods.REFRIGERANTS

    @property
    def takes_factor(self) -> bool:
        return methods.METHODS[self.method].takes_factor


@dataclass(frozen=True, slots=True)
class ProcessCo2:
    """CO2 of a process entry; no mass where it needs a factor to become one."""

    code: str
    tenant_code: str
    mass: Quantity | None


_SAME = (
    "id", "year", "code", "version", "title", "inputs", "carrier", "region", "given",
    "tenant_code", "supplier", "evidence", "quality",
)  # fmt: skip


def view(row: models.Entry) -> EntryView:
    method = Method(row.method)
    return EntryView(
        **{name: getattr(row, name) for name in _SAME},
        part=Part(row.part),
        method=method,
        digest=digest_of(row),
        worked=tuple(methods.work(method, row.inputs)),
    )


def comes_to(row: models.Entry) -> str:
    """What an entry's method makes of it, in short."""
    return "; ".join(
        f"{one.quantity.amount.normalize():f} {one.quantity.measure.value} {one.gas}".strip()
        for one in view(row).worked
    )


def digest_of(row: models.Entry) -> str:
    """What binds an entry: every column."""
    return digest(parks.row_facts(row)).hex()


def facts_of(entry_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Every column of these entries, as their digests bind them; by id."""
    rows = models.Entry.objects.filter(pk__in=list(entry_ids)).order_by("pk")
    return [parks.row_facts(row) for row in rows]


def standing(park_id: UUID, year: int) -> list[models.Entry]:
    """The newest version of each code that was not withdrawn."""
    rows = models.Entry.objects.filter(park_id=park_id, year=year)
    newest = rows.order_by("code", "-version").distinct("code")
    return [row for row in newest if not row.is_withdrawn]


def entries_of(park_id: UUID, year: int) -> list[EntryView]:
    """By code."""
    return [view(row) for row in standing(park_id, year)]


def entries_hash(park_id: UUID, year: int) -> str:
    """One hash over what stands; nothing where there is nothing."""
    found = [digest_of(row) for row in standing(park_id, year)]
    return digest(found).hex() if found else ""


def process_co2(park_id: UUID, year: int) -> list[ProcessCo2]:
    """For the national method, which counts CO2 alone."""
    found = []
    for one in entries_of(park_id, year):
        if one.part is not Part.PROCESS:
            continue
        masses = [worked.quantity for worked in one.worked if worked.gas == methods.CO2]
        if masses or one.takes_factor:
            found.append(ProcessCo2(one.code, one.tenant_code, masses[0] if masses else None))
    return found


def check_open(park_id: UUID, year: int) -> None:
    """:raises YearIsClosed: the year's data is submitted, checked or verified (R5.21)"""
    dataset = activity.find_dataset(park_id=park_id, year=year)
    if dataset is not None and dataset.state != DatasetState.DRAFT:
        raise YearIsClosed(year=str(year))


# Filled in by config/wiring.py: (park, first day of the period) that a verifier may read.
readers: list[Any] = []


def seen_by(actor: Actor) -> QuerySet[models.Entry]:
    """The operator's own, and what an engagement lets a verifier read."""
    rows = models.Entry.objects.select_related("park")
    if actor.is_machine or actor.has(Role.AUDITOR, Role.ADMINISTRATOR):
        return rows
    mine = Q(party_id=actor.own_party)
    for read in readers:
        for park_id, first_day in read(actor):
            mine |= Q(park_id=park_id, year=first_day.year)
    return rows.filter(mine)


def part_names() -> dict[str, str]:
    """Where entries stand, in the reader's words."""
    return {str(value): str(word) for value, word in models.PartChoice.choices}


def method_names() -> dict[str, str]:
    return {str(value): str(word) for value, word in models.MethodChoice.choices}


def input_name(code: str) -> str:
    """What an input of a method is called; as it was typed if no method has it."""
    return str(INPUTS.get(code, code))


def check_rows() -> Iterator[Fault]:
    """Each version of each entry is as its event says."""
    yield from rows_match_events({models.Entry: ("entry.recorded", "entry.withdrawn")})
