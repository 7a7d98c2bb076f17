"""Obligations, allocation and standing: the public cases through the room's queries."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ledger.compliance import operations
from ledger.compliance import queries as compliance
from ledger.compliance.states import FactKind
from ledger.kernel.actors import SYSTEM
from ledger.parameters import operations as parameters
from tests.golden.running import Case, Dataset, NotCovered, serves

EVENTS = {
    "set_first_year": FactKind.FIRST_YEAR,
    "set_last_year": FactKind.LAST_YEAR,
    "exclude_year": FactKind.EXCLUDED,
    "exclude_year_reversal": FactKind.INCLUDED,
    "verified_emissions": FactKind.EMISSIONS,
    "surrender": FactKind.SURRENDERED,
    "surrender_reversal": FactKind.SURRENDER_REVERSED,
    "new_year": FactKind.NEW_YEAR,
}
CALIFORNIA = "CA_CAP_AND_TRADE"
# how a log names what leaves an account
OUTWARD = ("surrender", "cancel", "retire", "out")
SEEDS = Path(__file__).resolve().parents[3] / "seeds"
# What a regulator published as a label; the position beside it is the result.
LABELS = ("published_status",)


def rule_book() -> None:
    """Rule numbers and trading systems as the product ships them."""
    at = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
    parameters.load_seeds(folder=SEEDS, by=SYSTEM, at=at)
    operations.load_regimes(folder=SEEDS, by=SYSTEM, at=at)


def _fact(event: Mapping[str, Any]) -> compliance.Fact:
    amount = event.get("tonnes", event.get("quantity"))
    return compliance.Fact(
        kind=EVENTS[event["event"]],
        year=None if event.get("year") is None else int(event["year"]),
        amount=None if amount is None else int(amount),
        moment=_day(event),
    )


def _day(event: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(event["date"]) if event.get("date") else None


def _told(step: compliance.Step) -> dict[str, Any]:
    return {
        "status": step.standing.status,
        "dynamic_status": step.standing.shown,
        "last_year_status": step.standing.closing_status,
        "last_year_status_is_null": step.standing.closing_status is None,
        "reporting_period_start": step.state.first_year,
        "reporting_period_end": step.state.end_year,
        "rejected": step.refusal is not None,
        "surrendered": step.state.surrendered,
        "total_emissions": sum(step.state.emissions.values()),
    }


@serves("ledger_ukets_compliance_status", prepare=rule_book)
def uk_status(case: Case) -> dict[str, Any]:
    """Each event, and how the entity stands after it; a look back asks for a day."""
    regime = compliance.get_regime("UK_ETS")
    first, *rest = case.inputs["events"]
    last_year = None if first["last_year"] is None else int(first["last_year"])
    entry = compliance.enter(
        first_year=int(first["first_year"]),
        current_year=int(first["current_year"]),
        last_year=last_year,
    )
    steps = compliance.history(regime, entry, [], moment=_day(first))
    observed = [_told(steps[-1])]
    for event in rest:
        if event["event"] == "static_status_request":
            observed.append(_told(compliance.standing_before(steps, _day(event))))
            continue
        last = steps[-1]
        steps += compliance.history(regime, last.state, [_fact(event)], moment=last.moment)[1:]
        observed.append(_told(steps[-1]))
    return {"after_event": [_asked(observed, told) for told in case.expected["after_event"]]}


def _asked(observed: list[dict[str, Any]], told: Mapping[str, Any]) -> dict[str, Any]:
    """What is known after the event that is asked about; "not A" is what the status is not."""
    seen = {"event_index": told["event_index"], **observed[told["event_index"]]}
    other = told.get("dynamic_status_not")
    return {**seen, "dynamic_status_not": other if other != seen["dynamic_status"] else None}


@serves("ledger_ukets_allocation_classification")
def uk_allocation(case: Case) -> dict[str, Any]:
    entries = [
        compliance.Entitlement(
            year=int(one["year"]),
            entitlement=int(one["entitlement"] or 0),
            allocated=_count(one.get("allocated")),
            returned=_count(one.get("returned")),
            reversed=_count(one.get("reversed")),
            table=str(one.get("type", "")),
        )
        for one in case.inputs["entries"]
    ]
    told = compliance.classify(entries, current_year=int(case.inputs["current_year"]))
    return {
        "entitlement": told.entitlement,
        "allocated_net": told.allocated_net,
        "remaining": told.remaining,
        "classification": told.classification.value if told.classification else None,
    }


def _count(value: Any) -> int | None:
    return None if value is None else int(value)


def _cover(case: Case, owed: int) -> dict[str, Any]:
    """An obligation against what was handed in, by vintage and by offset."""
    allowances = sum(int(n) for n in case.inputs["allowances_surrendered_by_vintage"].values())
    offsets = sum(int(one["quantity"]) for one in case.inputs["offsets_surrendered"])
    cover = compliance.Cover(owed=owed, allowances=allowances, offsets=offsets)
    return {
        "total_allowances": cover.allowances,
        "total_offsets": cover.offsets,
        "total_instruments": cover.instruments,
        "surplus_or_deficit": cover.position,
        "obligation_covered": cover.is_met,
        "offset_share_of_obligation": cover.offset_share,
    }


@serves("ledger_arb_compliance", prose=LABELS)
def arb_compliance(case: Case) -> dict[str, Any]:
    return _cover(case, int(case.inputs["obligation_t"]))


@serves("ledger_arb_annual_obligation", prose=LABELS, prepare=rule_book)
def arb_annual(case: Case) -> dict[str, Any]:
    """What is due for one year: the share is the product's own number, not the case's."""
    year = int(case.inputs["year"])
    emissions = {year: int(case.inputs["emissions_obligation_t"])}
    due = compliance.annual_dues(compliance.get_regime(CALIFORNIA), emissions)[year]
    return {"annual_obligation_t": due, **_cover(case, due)}


@serves("e2e_arb_emissions_to_obligation", prose=LABELS, prepare=rule_book)
def arb_end_to_end(case: Case) -> dict[str, Any]:
    """Facilities' emissions → the entity's years → the period's obligation → what covers it."""
    given, regime = case.inputs, compliance.get_regime(CALIFORNIA)
    first, last = (int(year) for year in given["period"].split("-"))
    parts: dict[int, list[Decimal]] = {year: [] for year in range(first, last + 1)}
    for years in given["facility_covered_emissions_t"].values():
        for year, tonnes in years.items():
            parts[int(year)].append(Decimal(str(tonnes)))
    by_year = {year: compliance.whole_tonnes(some, regime.rounding) for year, some in parts.items()}
    owed = sum(compliance.annual_dues(regime, by_year).values())
    cover = compliance.Cover(
        owed=owed,
        allowances=int(given["allowances_surrendered"]),
        offsets=int(given["offsets_surrendered"]),
    )
    return {
        "annual_obligation_rounded_sum_of_facilities_t": {
            str(year): tonnes for year, tonnes in by_year.items()
        },
        "period_obligation_published_t": owed,
        "surplus_or_deficit": cover.position,
    }


@serves("ledger_eutl_installation")
def eutl_installation(case: Case) -> dict[str, Any]:
    given = case.inputs
    if "years" in given:
        return _years(given["years"])
    if "surrender_rows" in given:
        return _surrender_rows(given)
    if all("quantity" in row for row in given.get("transactions", [{}])):
        return _account(given["transactions"])
    raise NotCovered


def _account(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """An operator's account, booking by booking: what comes in, what is handed in or goes out."""
    told = [(str(row.get("type", "")).lower(), row) for row in rows]
    changes = [
        -int(row["quantity"]) if any(out in kind for out in OUTWARD) else int(row["quantity"])
        for kind, row in told
    ]
    balances = compliance.running(changes)
    return {
        "running_balance": list(balances),
        "final_balance": balances[-1] if balances else 0,
        "never_negative": min(balances, default=0) >= 0,
    }


def _years(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    told = compliance.summarise(
        compliance.YearLine(
            year=int(row["year"]),
            allocated=int(row["allocated"] or 0),
            verified=int(row["verified"] or 0),
            surrendered=_count(row.get("surrendered")),
        )
        for row in rows
    )
    return {
        "allocated": told.allocated,
        "verified": told.verified,
        "surrendered": told.surrendered,
        "net_free_position": told.net_free_position,
        "to_acquire": told.to_acquire,
        "compliant_every_year": told.is_met_every_year,
        "years_over_allocation": list(told.years_over_allocation),
        "years_surrendered_differs_from_verified": list(told.years_surrendered_differs),
        "cumulative_position": list(told.cumulative),
    }


def _surrender_rows(given: Mapping[str, Any]) -> dict[str, Any]:
    told = compliance.compare_surrenders(
        [(str(row["unit"]), int(row["quantity"])) for row in given["surrender_rows"]],
        published=int(given["surrendered_in_compliance_table"]),
    )
    return {
        "rows_total": told.total,
        "by_unit": dict(told.by_unit),
        "difference_to_compliance_table": told.difference,
        "reconciles": told.difference == 0,
    }


@serves("euets_compliance")
def euets_compliance(dataset: Dataset) -> dict[str, Any]:
    """A log's table: free allocation and verified emissions, added up three ways."""
    lines: dict[str, list[compliance.YearLine]] = {}
    country_of: dict[str, str] = {}
    for row in dataset.rows(".csv"):
        line = compliance.YearLine(
            year=int(row["year"]),
            allocated=int(row["free_allocation_t"]),
            verified=int(row["verified_emissions_t"]),
        )
        lines.setdefault(row["installation_id"], []).append(line)
        country_of[row["installation_id"]] = row["country"]
    everything = [line for some in lines.values() for line in some]
    return {
        "rows": len(everything),
        "totals": _free_and_verified(everything),
        "by_year": [
            {"year": year, "installations": len(some), **_free_and_verified(some)}
            for year, some in _grouped(everything, lambda line: line.year)
        ],
        "by_country": [
            {
                "country": country,
                "installations": sum(one == country for one in country_of.values()),
                **_free_and_verified(line for i, some in lines.items()
                                     if country_of[i] == country for line in some),
            }
            for country in sorted(set(country_of.values()))
        ],
        "by_installation": [_installation(name, lines[name]) for name in sorted(lines)],
    }  # fmt: skip


def _grouped(lines: Iterable[Any], key: Any) -> list[tuple[Any, list[Any]]]:
    found: dict[Any, list[Any]] = {}
    for line in lines:
        found.setdefault(key(line), []).append(line)
    return sorted(found.items())


def _free_and_verified(lines: Iterable[compliance.YearLine]) -> dict[str, int]:
    told = compliance.summarise(lines)
    return {"free_t": told.allocated, "verified_t": told.verified}


def _installation(name: str, lines: list[compliance.YearLine]) -> dict[str, Any]:
    told = compliance.summarise(lines)
    return {
        "installation_id": name,
        "years": told.years,
        "free_t": told.allocated,
        "verified_t": told.verified,
        "net_t": told.net_free_position,
        "years_short": told.years_short,
        "years_long": told.years_long,
        "deficit_to_buy_t": told.bought_year_by_year,
    }


def _settled(told: Mapping[str, Any]) -> compliance.Cover:
    return compliance.Cover(
        owed=int(told["obligation_t"]),
        allowances=sum(int(count) for count in told["allowances"].values()),
        offsets=sum(int(count) for count in told["offsets"]),
    )


def settled_entity(case: Case) -> dict[str, Any]:
    """A status by arithmetic."""
    rule_book()
    cover = _settled(case.inputs)
    status = compliance.settled_status(cover, compliance.get_regime(CALIFORNIA).year_ladder)
    return {
        "total": cover.instruments,
        "position": cover.position,
        "obligation_covered": cover.is_met,
        "published_status": status.capitalize(),
    }


def contradicted_entities(case: Case) -> dict[str, Any]:
    """Entities side by side: whose label says otherwise than the units."""
    rule_book()
    ladder = compliance.get_regime(CALIFORNIA).year_ladder
    rows = [
        compliance.Published(one["entity_id"], _settled(one), one["published_status"])
        for one in case.inputs["entities"]
    ]
    return {
        "position": {row.entity: row.cover.position for row in rows},
        "combined_position": sum(row.cover.position for row in rows),
        "status_from_arithmetic": {row.entity: _in_words(row.cover.position) for row in rows},
        "published_status_contradicts_arithmetic": compliance.contradicted(rows, ladder),
    }


def _in_words(position: int) -> str:
    if position < 0:
        return "not covered"
    return "covered with surplus" if position else "covered"
