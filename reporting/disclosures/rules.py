"""What is in a statement, what is missing, and when it is no more than a draft."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from ledger.kernel.errors import N_, DomainError
from reporting.disclosures.states import ContentState, DraftReason

Content = Mapping[str, Any]
# Only such data feed an official disclosure (R5.21).
GOOD_DATA = frozenset({"VERIFIED", "LOCKED"})


class UnknownFramework(DomainError):
    code = "unknown_framework"
    message = N_("There is no reporting framework %(code)s.")


class UnknownPoint(DomainError):
    code = "unknown_data_point"
    message = N_("There is no data point %(key)s.")


class FrameworkOfAnotherYear(DomainError):
    code = "framework_of_another_year"
    message = N_("%(code)s is not for a period from %(start)s.")


class FigureNeedsEvidence(DomainError):
    code = "figure_needs_evidence"
    message = N_("A figure that is entered by hand needs a file that shows it.")


class NotAFigure(DomainError):
    code = "not_a_figure"
    message = N_("This data point is told in words, not by a figure.")


class AmountMissing(DomainError):
    code = "amount_missing"
    message = N_("Give the figure, or say why there is none.")


class WordsMissing(DomainError):
    code = "words_missing"
    message = N_("Say it in Chinese and in English: both reports tell it.")


class StatementDoesNotAddUp(DomainError):
    code = "statement_does_not_add_up"
    message = N_("The lines of the frozen inventory do not add up to its total (%(total)s).")


class ProjectEndsBeforeItBegins(DomainError):
    code = "project_ends_before_it_begins"
    message = N_("The project would end before it begins.")


class ExpectedAmountMissing(DomainError):
    code = "expected_amount_missing"
    message = N_("Say how much the project is expected to remove in a year; more than nothing.")


class RemovalNotPossible(DomainError):
    code = "removal_not_possible"
    message = N_("The project did not run in %(year)s.")


class NegativeRemoval(DomainError):
    code = "negative_removal"
    message = N_("A removal is not negative; what was lost again is an emission.")


def check_project(*, expected_tco2e: Decimal, starts_on: date, ends_on: date | None) -> None:
    """:raises ProjectEndsBeforeItBegins, ExpectedAmountMissing: as they say"""
    if ends_on is not None and ends_on < starts_on:
        raise ProjectEndsBeforeItBegins
    if expected_tco2e <= 0:
        raise ExpectedAmountMissing


def check_removal(
    *, year: int, removed_tco2e: Decimal, starts_on: date, ends_on: date | None
) -> None:
    """:raises RemovalNotPossible, NegativeRemoval: as they say"""
    if year < starts_on.year or (ends_on is not None and year > ends_on.year):
        raise RemovalNotPossible(year=str(year))
    if removed_tco2e < 0:
        raise NegativeRemoval


def _some(*names: str) -> Callable[[Content, str], bool]:
    def check(content: Content, _key: str) -> bool:
        value: Any = content
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return bool(value)

    return check


def _amount(name: str) -> Callable[[Content, str], bool]:
    def check(content: Content, _key: str) -> bool:
        value = content["totals"].get(name)
        return value is not None and bool(str(value).strip("0."))

    return check


def _has_direct(content: Content, _key: str) -> bool:
    return any(gas["category"] == "1" for gas in content["gases"])


def _has_indirect(content: Content, _key: str) -> bool:
    return any(gas["category"] != "1" for gas in content["gases"])


def _has_note(content: Content, key: str) -> bool:
    return bool(content["notes"].get(key))


def _always(_content: Content, _key: str) -> bool:
    return True


# The names that `seeds/frameworks/*.toml` may use.
CHECKS: Mapping[str, Callable[[Content, str], bool]] = {
    "has_organization": _some("organization", "name", "zh"),
    "has_responsible": _some("organization", "responsible"),
    "has_period": _some("period", "start"),
    "has_organizational_boundary": _some("boundary", "consolidation"),
    "has_reporting_boundary": _some("boundary", "significance"),
    "has_direct_by_gas": _has_direct,
    "has_biogenic": _amount("biogenic_co2_t"),
    "has_removals": _amount("removals_tco2e"),
    "has_exclusions": _some("boundary", "exclusions"),
    "has_indirect": _has_indirect,
    "has_base_year": _some("base_year"),
    "has_recalculation": _some("recalculation"),
    "has_methods": _some("methods"),
    "has_method_changes": _has_note,
    "has_factors": _some("factors"),
    "has_uncertainty_impact": _some("uncertainty"),
    "has_uncertainty_result": _some("uncertainty"),
    "has_conformity": _always,
    "has_verification": _some("verification"),
    "has_gwp": _some("gwp", "values"),
    "has_note": _has_note,
    "has_purchased_reductions": _some("offsets"),
    "has_tenants": _some("tenants"),
    "has_lineage": _some("lineage"),
    "has_instruments": _some("instruments"),
    "has_offsets": _some("offsets"),
}
NO_WORDS = {"zh": "", "en": ""}


def completeness(content: Content, points: Sequence[Any]) -> list[dict[str, Any]]:
    """Each content of the framework: present, absent with its explanation, or missing."""
    return [_point(content, point) for point in points]


def _point(content: Content, point: Any) -> dict[str, Any]:
    there, explanation = _told(content, point)
    if there:
        state = ContentState.PRESENT
    elif explanation:
        state = ContentState.ABSENT
    else:
        required = point.obligation == "REQUIRED"
        state = ContentState.MISSING if required else ContentState.NOT_GIVEN
    return {
        "key": point.key,
        "obligation": point.obligation,
        "heading": dict(point.heading),
        "section": point.section,
        "reference": point.reference,
        "state": state.value,
        "explanation": dict(explanation or NO_WORDS),
    }


def _told(content: Content, point: Any) -> tuple[bool, Mapping[str, str] | None]:
    """Whether it is there, and what is said beside it or in its place."""
    if not point.query:
        fact = content["facts"][point.key]
        there = fact["value"] is not None or bool(fact["rows"]) or fact["text"] is not None
        return there, fact["remark"] if there else fact["explanation"]
    if CHECKS[point.query](content, point.key):
        return True, content["notes"].get(point.key)
    entry = content["entries"].get(point.key)
    said = entry["text"] if entry and entry["kind"] == "ABSENT" else None
    return False, said or point.if_absent


def check_entry(
    *, kind: str, amount: Any, evidence_id: Any, text_zh: str, text_en: str, is_figure: bool
) -> None:
    """:raises NotAFigure, AmountMissing, FigureNeedsEvidence, WordsMissing: as they say"""
    if kind == "FIGURE":
        if not is_figure:
            raise NotAFigure
        if amount is None:
            raise AmountMissing
        if evidence_id is None:
            raise FigureNeedsEvidence
    elif not text_zh.strip() or not text_en.strip():
        raise WordsMissing


def draft_reasons(
    *, is_verified: bool, data_state: str, contents: Sequence[Mapping[str, Any]]
) -> list[DraftReason]:
    """Why the statement may not be final; empty when it may (R5.20, R5.21)."""
    reasons = {
        DraftReason.NOT_VERIFIED: not is_verified,
        DraftReason.DATA_NOT_VERIFIED: data_state not in GOOD_DATA,
        DraftReason.CONTENT_MISSING: any(one["state"] == "MISSING" for one in contents),
    }
    return [reason for reason, holds in reasons.items() if holds]


# --- what if the park traded, and what a newcomer would add


@dataclass(frozen=True, slots=True)
class Position:
    """What one would hold against what it emits, in tonnes; both whole."""

    name: str
    emitted: int
    free: int

    @property
    def over(self) -> int:
        return max(self.free - self.emitted, 0)

    @property
    def short(self) -> int:
        return max(self.emitted - self.free, 0)


@dataclass(frozen=True, slots=True)
class Simulation:
    """Each for itself, and all together. A park is no body of the market: nothing of it is real."""

    positions: tuple[Position, ...]
    price_cny: Decimal

    @property
    def short_alone(self) -> int:
        return sum(one.short for one in self.positions)

    @property
    def balance_together(self) -> int:
        return sum(one.free - one.emitted for one in self.positions)

    @property
    def short_together(self) -> int:
        return max(-self.balance_together, 0)

    @property
    def kept_inside(self) -> int:
        """Tonnes that need not be bought outside when neighbours settle among themselves."""
        return self.short_alone - self.short_together

    @property
    def saved_cny(self) -> Decimal:
        return self.kept_inside * self.price_cny


def simulate(
    emitted: Mapping[str, Decimal], *, base: Mapping[str, Decimal], share: Decimal, price: Decimal
) -> Simulation:
    """Free allowances as a share of a base year's emissions, rounded down; emissions rounded up."""
    positions = tuple(
        Position(
            name=name,
            emitted=int(tonnes.to_integral_value(ROUND_CEILING)),
            free=int((base.get(name, tonnes) * share).to_integral_value(ROUND_FLOOR)),
        )
        for name, tonnes in emitted.items()
    )
    return Simulation(positions, price)


@dataclass(frozen=True, slots=True)
class EntryFigure:
    """What a newcomer would emit, by itself and beside the park; the decision is not ours."""

    direct_tco2e: Decimal
    power_tco2e: Decimal
    heat_tco2e: Decimal
    intensity: Decimal | None  # tCO2e per 10^4 CNY of revenue

    @property
    def total_tco2e(self) -> Decimal:
        return self.direct_tco2e + self.power_tco2e + self.heat_tco2e


def entry_figure(
    *,
    direct_tco2e: Decimal,
    power_mwh: Decimal,
    heat_gj: Decimal,
    revenue: Decimal,
    power_factor: Decimal,
    heat_factor: Decimal,
) -> EntryFigure:
    """From what the newcomer plans and the factors of the park's newest inventory."""
    power, heat = power_mwh * power_factor, heat_gj * heat_factor
    whole = direct_tco2e + power + heat
    intensity = (whole / revenue).quantize(Decimal("0.0001"), ROUND_HALF_UP) if revenue else None
    return EntryFigure(direct_tco2e, power, heat, intensity)
