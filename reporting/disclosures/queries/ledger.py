"""What the other rooms know of an operator and its park at the end of a period."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.utils import translation

from finance.facilities import queries as facilities
from finance.facilities.states import FacilityState
from finance.proceeds import queries as proceeds
from ledger.accounts import queries as accounts
from ledger.instruments import queries as instruments
from ledger.kernel.actors import SYSTEM
from ledger.kernel.periods import Period
from ledger.units import queries as units
from ledger.units.states import LIVE, UnitState
from reporting.disclosures.assembling.wording import plain
from reporting.indicators import queries as indicators
from reporting.targets import queries as targets

FAMILIES = {"ALLOWANCE": "allowances", "ENERGY_CERTIFICATE": "certificates"}
# What a unit that has come to its end was used for, by family.
ENDS = {
    ("ALLOWANCE", UnitState.SURRENDERED): "surrendered",
    ("ENERGY_CERTIFICATE", UnitState.RETIRED): "claimed",
    ("ENERGY_CERTIFICATE", UnitState.EXPIRED): "expired",
}
PAGE = 1000
NOT_LENT = (FacilityState.DRAFT, FacilityState.CANCELLED)


def ledger_facts(party_id: UUID, period: Period) -> dict[str, Any]:
    """Allowances and certificates of the party's own accounts, its loans and raised money."""
    return {
        **_units(party_id, period),
        "facilities": list(_facilities(party_id, period)),
        "raisings": list(_raisings(party_id, period)),
    }


def park_facts(frozen: Any, period: Period) -> dict[str, Any]:
    """The indicators of the same boundary by the national method; the park's targets with their
    progress, which a park within it does not have.
    """
    found = indicators.find_assessment(frozen.park_id, period.start.year, frozen.inner_park)
    known = [] if frozen.inner_park else targets.targets_of(frozen.park_id)
    return {
        "assessment": found.content if found else None,
        "targets": [_target(one, period) for one in known],
    }


def _target(one: targets.TargetView, period: Period) -> dict[str, Any]:
    year = period.start.year
    known = [x for x in targets.progress_of(one.id) if x.year <= year and x.actual is not None]
    newest = known[-1] if known else None
    return {
        "id": str(one.id),
        "name": {"zh": one.name_zh, "en": one.name_en or one.name_zh},
        "base_year": one.base_year,
        "base": plain(one.base) if one.base is not None else "",
        "per": one.per,
        "stages": [{"year": stage.year, "cut": plain(stage.cut)} for stage in one.stages],
        "validation": _in_both(one.validation_wording),
        "year": newest.year if newest else None,
        "actual": plain(newest.actual) if newest and newest.actual is not None else "",
        "allowed": plain(newest.allowed) if newest and newest.allowed is not None else "",
        "standing": str(newest.standing.value) if newest else "NO_DATA",
    }


def _in_both(word: Callable[[], str]) -> dict[str, str]:
    found = {}
    for short, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            found[short] = str(word())
    return found


def _units(party_id: UUID, period: Period) -> dict[str, list[dict[str, Any]]]:
    own = set(accounts.accounts_of(party_id).values_list("pk", flat=True))
    schemes = {row.code: row.family for row in instruments.schemes()}
    measures = instruments.measures()
    sums: dict[tuple[str, str], int] = {}
    if own:
        for scheme, what, count in [*_moved(own, schemes, period), *_held(own, schemes, period)]:
            sums[scheme, what] = sums.get((scheme, what), 0) + count
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in FAMILIES.values()}
    for (scheme, what), count in sorted(sums.items()):
        if count and (name := FAMILIES.get(schemes[scheme])):
            told = {"scheme": scheme, "what": what, "units": str(count)}
            found[name].append({**told, "measure": measures[scheme]})
    return found


def _held(
    own: set[UUID], schemes: dict[str, str], period: Period
) -> Iterator[tuple[str, str, int]]:
    wanted = units.Wanted(account_ids=sorted(own), day=period.last_day, only_owned=True)
    for one in units.sums(wanted):
        if one.state in LIVE and schemes[one.scheme] in FAMILIES:
            yield one.scheme, "held", one.unit_count


def _moved(
    own: set[UUID], schemes: dict[str, str], period: Period
) -> Iterator[tuple[str, str, int]]:
    """Each movement across the party's edge, or to an end; a reversal takes away what it undoes."""
    wanted = units.Wanted(account_ids=sorted(own))
    span = units.Span(since=period.start, until=period.last_day, oldest_first=True)
    after = None
    while page := units.movements(wanted, span, after=after, limit=PAGE):
        for one in page:
            if schemes[one.scheme] in FAMILIES and (what := _what(one, own, schemes)):
                yield one.scheme, what, -one.unit_count if one.kind == "REVERSE" else one.unit_count
        after = page[-1].happened_on, page[-1].id


def _what(one: Any, own: set[UUID], schemes: dict[str, str]) -> str | None:
    source, goal = (one.from_account_id, one.from_state), (one.to_account_id, one.to_state)
    if one.kind == "REVERSE":
        source, goal = goal, source
    if goal[1] not in LIVE and source[1] in LIVE:
        return ENDS.get((schemes[one.scheme], goal[1]), "cancelled") if source[0] in own else None
    if source[0] not in own and goal[0] in own:
        return "granted" if source[1] == UnitState.UNISSUED else "bought"
    return "sold" if source[0] in own and goal[0] not in own else None


def _facilities(party_id: UUID, period: Period) -> Iterator[dict[str, Any]]:
    """Loans that the party borrows under and that run in the period."""
    rows = facilities.facilities_seen_by(SYSTEM).filter(
        borrower_id=party_id, starts_on__lt=period.end, matures_on__gte=period.start
    )
    for row in rows.exclude(state__in=NOT_LENT).order_by("starts_on", "code"):
        name = f"{row.code} · {row.purpose}"
        yield {
            "id": str(row.pk),
            "name": {"zh": name, "en": name},
            "amount": plain(row.limit_amount),
            "currency": row.currency,
        }


def _raisings(party_id: UUID, period: Period) -> Iterator[dict[str, Any]]:
    rows = proceeds.raisings_of(party_id).filter(raised_on__lt=period.end, stance="RAISED")
    for row in rows.order_by("raised_on", "code"):
        use = proceeds.use_of(row)
        yield {
            "id": str(row.pk),
            "name": {"zh": row.name_zh, "en": row.name_en or row.name_zh},
            "currency": row.currency,
            "raised": plain(use.raised),
            "allocated": plain(use.allocated),
            "spent": plain(use.spent),
            "unspent": plain(use.unspent),
            "projects": [
                {
                    "code": one.project.code,
                    "name": {
                        "zh": one.project.name_zh,
                        "en": one.project.name_en or one.project.name_zh,
                    },
                    "allocated": plain(one.allocated),
                    "spent": plain(one.spent),
                    "reduced_tco2e": plain(one.reduced_tco2e),
                }
                for one in proceeds.projects_of_raising(row)
            ],
        }
