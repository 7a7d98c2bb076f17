"""What other rooms may ask about targets: how they stand, and why figures moved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ledger.audit.keeping import rows_match_events
from ledger.audit.queries import Fault
from ledger.doors.wording import in_language
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.parameters import queries as parameters
from reporting.indicators import queries as indicators
from reporting.inventories import queries as inventories
from reporting.parks import queries as parks
from reporting.targets import models
from reporting.targets.rules import reasons
from reporting.targets.rules.paths import Path, Progress, Stage, along, least_cut, peak_standing
from reporting.targets.states import Coverage, Reason, Standing, TargetKind, TargetState

RATE, COUNTED_FROM = "sbti.aca.1_5c", "sbti.aca.counted_from"


@dataclass(frozen=True, slots=True)
class TargetView:
    id: UUID
    park_id: UUID
    party_id: UUID
    name_zh: str
    name_en: str
    kind: TargetKind
    coverage: Coverage
    base_year: int
    base: Decimal | None
    per: str
    stages: tuple[Stage, ...]
    standard: str
    validation_id: str
    evidence: str
    state: TargetState

    @property
    def path(self) -> Path | None:
        """None for a peak, which has no path."""
        if self.base is None or not self.stages:
            return None
        return Path(self.base_year, self.base, self.stages)

    def validation_wording(self) -> str:
        """R9.7: validated only where an id says so."""
        if self.validation_id:
            told = {"standard": self.standard, "id": self.validation_id}
            return _("Validated under %(standard)s, id %(id)s") % told
        if self.standard:
            return _("SBTi-style, not validated")
        return _("The party's own target, not validated")


def view(row: models.Target) -> TargetView:
    same = ("id", "park_id", "party_id", "name_zh", "name_en", "base_year", "base", "per",
            "standard", "validation_id", "evidence")  # fmt: skip
    return TargetView(
        **{name: getattr(row, name) for name in same},
        kind=TargetKind(row.kind),
        coverage=Coverage(row.coverage),
        stages=tuple(Stage(int(one["year"]), Decimal(one["cut"])) for one in row.stages),
        state=TargetState(row.state),
    )


def seen_by(actor: Actor) -> QuerySet[models.Target]:
    rows = models.Target.objects.select_related("park")
    if actor.is_machine or actor.has(Role.AUDITOR, Role.ADMINISTRATOR):
        return rows
    return rows.filter(party_id=actor.own_party)


def get_row(target_id: UUID, actor: Actor) -> models.Target:
    """:raises NotFound: not there, or not the actor's"""
    row = seen_by(actor).filter(pk=target_id).first()
    if row is None:
        raise NotFound
    return row


def get_target(target_id: UUID, actor: Actor | None = None) -> TargetView:
    """:raises NotFound: not there, or not the actor's"""
    row = models.Target.objects.filter(pk=target_id).first()
    if row is None or (actor is not None and not parks.may_see(actor, row.party_id)):
        raise NotFound
    return view(row)


def targets_of(park_id: UUID, *, only_active: bool = True) -> list[TargetView]:
    rows = models.Target.objects.filter(park_id=park_id)
    rows = rows.filter(state=TargetState.ACTIVE) if only_active else rows
    return [view(row) for row in rows]


# --- what years came to


@dataclass(frozen=True, slots=True)
class YearFigure:
    """What a year came to, and the frozen inventory (or None: an assessment) that says it."""

    year: int
    value: Decimal
    frozen_id: UUID | None


def figures_of(target: TargetView) -> dict[int, YearFigure]:
    """By year, from inventories as frozen; those that were restated do not count."""
    if target.coverage is Coverage.PARK_910:
        told = indicators.emissions_by_year(target.park_id)
        return {year: YearFigure(year, value, None) for year, value in told.items()}
    found: dict[int, YearFigure] = {}
    for frozen in inventories.frozen_years(target.park_id):
        value = _value(target, frozen.content)
        if value is not None:
            found.setdefault(frozen.year, YearFigure(frozen.year, value, frozen.id))
    return found


_TOTALS = {
    Coverage.SCOPE_1: ("scope_1_tco2e",),
    Coverage.SCOPES_1_2_LOCATION: ("scope_1_tco2e", "scope_2_location_tco2e"),
    Coverage.SCOPES_1_2_MARKET: ("scope_1_tco2e", "scope_2_market_tco2e"),
    Coverage.ALL_MARKET: ("scope_1_tco2e", "scope_2_market_tco2e", "scope_3_tco2e"),
}
_INTENSITY = {
    Coverage.SCOPES_1_2_LOCATION: "scope_1_2_location",
    Coverage.SCOPES_1_2_MARKET: "scope_1_2_market",
}


def _value(target: TargetView, content: Mapping[str, Any]) -> Decimal | None:
    result = content["result"]
    if target.kind is TargetKind.INTENSITY:
        told = (one for one in result.get("intensity", ()) if one["name_zh"] == target.per)
        return next((Decimal(one[_INTENSITY[target.coverage]]) for one in told), None)
    names = _TOTALS[target.coverage]
    if not all(name in result["totals"] for name in names):
        return None  # frozen before there was such a total
    return sum((Decimal(result["totals"][name]) for name in names), Decimal(0))


def progress_of(target_id: UUID) -> list[Progress]:
    """Each year of the path with what it came to; for a peak the years that are known."""
    target = get_target(target_id)
    actual = {year: one.value for year, one in figures_of(target).items()}
    if target.path is None:
        limit = actual.get(target.base_year)
        return [Progress(year, actual[year], limit) for year in sorted(actual)]
    return along(target.path, actual)


def standing_of(target_id: UUID) -> tuple[Standing, int | None]:
    """How the target stands by the last year that is known, and that year."""
    target = get_target(target_id)
    actual = {year: one.value for year, one in figures_of(target).items()}
    if target.kind is TargetKind.PEAK:
        standing, higher = peak_standing(peak_year=target.base_year, actual=actual)
        return standing, higher[0] if higher else max(actual, default=None)
    known = [one for one in progress_of(target_id) if one.over is not None]
    return (known[-1].standing, known[-1].year) if known else (Standing.NO_DATA, None)


def least_cut_of(base_year: int, target_year: int) -> Decimal | None:
    """R9.1 by the parameters of the base year; None where there are none.

    :raises TargetBeforeBase: no year between
    """
    day = date(max(base_year, 2019), 12, 31)
    try:
        rate = parameters.get_parameter(RATE, day).number
        counted_from = int(parameters.get_parameter(COUNTED_FROM, day).number)
    except parameters.NoParameter:
        return None
    return least_cut(
        base_year=base_year, target_year=target_year, rate=rate, counted_from=counted_from
    )


# --- why figures moved


def effects_between(before_id: UUID, after_id: UUID) -> list[reasons.Effect]:
    """By source and reason, market-based, Scopes 1 and 2, between two frozen inventories.

    :raises NotFound: one of them is not there
    """
    before, after = (inventories.get_frozen(one) for one in (before_id, after_id))
    return reasons.effects(_year(before.content), _year(after.content))


def reasons_between(before_id: UUID, after_id: UUID) -> dict[Reason, Decimal]:
    """The same, summed by reason."""
    return reasons.by_reason(effects_between(before_id, after_id))


def _year(content: Mapping[str, Any]) -> reasons.Year:
    result, totals = content["result"], content["result"]["totals"]
    activity, emitted = _activity(result), dict[str, Decimal]()
    for line in result["lines"]:
        if _counts(line):
            before = emitted.get(line["source"], Decimal(0))
            emitted[line["source"]] = before + Decimal(line["tco2e"])
    sources = {
        code: reasons.SourceYear(activity.get(code, Decimal(0)), tco2e)
        for code, tco2e in emitted.items()
    }
    market, location = (Decimal(totals[f"scope_2_{side}_tco2e"]) for side in ("market", "location"))
    return reasons.Year(sources, market - location)


OUTSIDE = frozenset({"BIOGENIC_CO2", "NOT_KYOTO"})


def _counts(line: Mapping[str, Any]) -> bool:
    """Whether a line stands in the totals of Scopes 1 and 2."""
    is_inside = line["gas_group"] not in OUTSIDE and not line.get("is_removal", False)
    return is_inside and line["category"] in {1, 2}


def _activity(result: Mapping[str, Any]) -> dict[str, Decimal]:
    """Of each source, after the tenant's share."""
    found: dict[str, Decimal] = {}
    for one in result["activities"]:
        counted = Decimal(one["amount"]) * Decimal(one["share"])
        found[one["source"]] = found.get(one["source"], Decimal(0)) + counted
    return found


# --- words, and rows against the log


def standing_names() -> dict[str, str]:
    return {str(value): str(word) for value, word in models.StandingChoice.choices}


def reason_names() -> dict[str, str]:
    return {str(value): str(word) for value, word in models.ReasonChoice.choices}


def coverage_names() -> dict[str, str]:
    return {str(value): str(word) for value, word in models.CoverageChoice.choices}


def name_of(target: TargetView) -> str:
    return in_language(target.name_zh, target.name_en)


def check_rows() -> Iterator[Fault]:
    """Each target is as its newest event says."""
    yield from rows_match_events({models.Target: ("target.set", "target.withdrawn")})
