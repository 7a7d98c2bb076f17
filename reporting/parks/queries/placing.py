"""Where in a park things stand: in which park within it, or in the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.kernel.periods import Period
from reporting.parks import models
from reporting.parks.states import BoundaryKind

REST = ""  # of the park: what stands in no park within it


@dataclass(frozen=True, slots=True)
class _Stay:
    """In which park within the park something stood, from when and to when (exclusive)."""

    inner: str
    valid_from: date
    valid_to: date | None

    def is_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the sources and the tenants of a park stood, by code. Ask by the first of a month."""

    of_sources: Mapping[str, Sequence[_Stay]]
    of_tenants: Mapping[str, Sequence[_Stay]]

    def inner_of(self, code: str, tenant_code: str, day: date) -> str:
        """The name of the park within the park in which a source, or an entry by the same code,
        stood; where nothing is said of it, in which its tenant did.
        """
        own = _on(self.of_sources.get(code, ()), day)
        return own if own is not None else self.tenant_in(tenant_code, day)

    def tenant_in(self, code: str, day: date) -> str:
        return _on(self.of_tenants.get(code, ()), day) or REST

    def holds(self, inner: str, code: str, tenant_code: str, day: date) -> bool:
        """Whether it counts in a park within the park; in the whole park (no name) all does."""
        return not inner or self.inner_of(code, tenant_code, day) == inner

    def tenant_stays(self, inner: str, code: str, period: Period) -> bool:
        """Whether a tenant stood in the park within the park all through a period."""
        return any(
            stay.inner == inner
            and stay.valid_from <= period.start
            and (stay.valid_to is None or stay.valid_to >= period.end)
            for stay in _joined(self.of_tenants.get(code, ()))
        )


def _on(stays: Sequence[_Stay], day: date) -> str | None:
    return next((one.inner for one in stays if one.is_on(day)), None)


def _joined(stays: Sequence[_Stay]) -> list[_Stay]:
    """A boundary that was drawn anew under its name is one stay, not two."""
    found: list[_Stay] = []
    for one in stays:
        last = found[-1] if found else None
        if last is not None and last.inner == one.inner and last.valid_to == one.valid_from:
            found[-1] = _Stay(one.inner, last.valid_from, one.valid_to)
        else:
            found.append(one)
    return found


def places_of(park_id: UUID) -> Places:
    """What stood where in a park, by date."""
    rows = models.BoundaryMember.objects.filter(park_id=park_id).order_by("valid_from")
    sources: dict[str, list[_Stay]] = {}
    tenants: dict[str, list[_Stay]] = {}
    for row in rows.select_related("boundary", "source"):
        stay = _Stay(row.boundary.name, row.valid_from, row.valid_to)
        if row.source is None:
            tenants.setdefault(row.tenant_code, []).append(stay)
        else:
            sources.setdefault(row.source.code, []).append(stay)
    return Places(sources, tenants)


def inner_parks(park_id: UUID) -> list[str]:
    """The names of the parks within a park that stand or stood."""
    rows = models.Boundary.objects.filter(park_id=park_id, kind=BoundaryKind.SUB_PARK)
    return list(rows.order_by("name").values_list("name", flat=True).distinct())


def inner_choices(operator_id: UUID) -> list[tuple[str, str]]:
    """For a select: the parks within the parks of an operator, by name."""
    rows = models.Boundary.objects.filter(park__operator_id=operator_id, kind=BoundaryKind.SUB_PARK)
    names = rows.order_by("name").values_list("name", flat=True).distinct()
    return [(one, one) for one in names]
