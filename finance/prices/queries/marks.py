"""The newest mark of an instrument and vintage until a day, for one or for many."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce

from finance.prices import models
from finance.prices.queries.days import TradingDays
from finance.prices.queries.policy import Policy, policy_on
from finance.prices.rules.facts import Fact, MarkFact, RateFact
from finance.prices.rules.values import Mark
from finance.prices.states import Mode, TellingKind
from ledger.instruments import queries as instruments
from ledger.kernel.errors import NotFound
from ledger.kernel.money import Money

Key = tuple[str, int | None]
ANY = Value(0)

# Of one vintage by its own marks; where it has none, by those of any vintage (offsets,
# certificates: an allowance has no such mark). Of the newest day the best source, and of that the
# newest version known by then; a day whose newest version is withdrawn has none. Block trades
# mark nothing.
_NEWEST = """
SELECT wanted.scheme, wanted.vintage, found.*
FROM unnest(%(schemes)s::text[], %(vintages)s::int[]) AS wanted(scheme, vintage)
CROSS JOIN LATERAL (
    SELECT m.vintage_year, m.price, m.currency, m.marked_on, m.source_id, m.mode, m.version, m.id
    FROM finance_prices_mark AS m
    JOIN finance_prices_pricesource AS s ON s.code = m.source_id
    JOIN finance_prices_telling AS t ON t.id = m.telling_id
    WHERE m.scheme = wanted.scheme
      AND (m.vintage_year = wanted.vintage OR m.vintage_year IS NULL)
      AND m.marked_on <= %(on)s AND m.mode <> %(block)s AND t.told_at <= %(known_at)s::timestamptz
      AND (%(source)s = '' OR m.source_id = %(source)s)
      AND NOT m.is_withdrawn AND NOT EXISTS (
          SELECT FROM finance_prices_mark AS w
          JOIN finance_prices_telling AS wt ON wt.id = w.telling_id
          WHERE w.scheme = m.scheme AND w.marked_on = m.marked_on
            AND w.vintage_year IS NOT DISTINCT FROM m.vintage_year
            AND w.source_id = m.source_id AND w.mode = m.mode AND w.version > m.version
            AND wt.told_at <= %(known_at)s::timestamptz)
    ORDER BY m.vintage_year IS NULL, m.marked_on DESC, s.rank, m.version DESC LIMIT 1) AS found
"""


def marks_on(
    keys: Iterable[Key],
    on: date,
    *,
    source: str = "",
    known_at: datetime | None = None,
    policy: Policy | None = None,
) -> dict[Key, Mark]:
    """The newest marks until a day, by (scheme, vintage); what has none is left out.

    `known_at`: by what was told until then. Three queries, however many keys.
    """
    wanted = sorted(set(keys), key=lambda key: (key[0], key[1] or 0))
    asked: dict[str, Any] = {
        "schemes": [scheme for scheme, _vintage in wanted],
        "vintages": [vintage for _scheme, vintage in wanted],
        "on": on,
        "block": Mode.BLOCK.value,
        "known_at": known_at or "infinity",
        "source": source,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, asked)
        rows = cursor.fetchall()
    if not rows:
        return {}
    days = TradingDays(min(row[5] for row in rows), on)
    rules = policy or policy_on(on)
    return {(row[0], row[1]): _mark(row, days, rules) for row in rows}


def _mark(row: Any, days: TradingDays, policy: Policy) -> Mark:
    scheme, _asked, vintage, price, currency, marked_on, source, mode, version, row_id = row
    old = days.since(marked_on)
    return Mark(
        scheme=scheme,
        vintage_year=vintage,
        price=Money(plain(price), currency),
        marked_on=marked_on,
        days_old=old,
        is_stale=old > policy.stale_days(scheme),
        source=source,
        mode=mode,
        version=version,
        version_id=row_id,
    )


def plain(number: Decimal) -> Decimal:
    """Without the noughts that the column pads with."""
    return Decimal(format(number.normalize(), "f"))


def mark_on(scheme: str, vintage: int | None, on: date, *, source: str = "") -> Mark | None:
    """The newest mark of one instrument and vintage until a day; None where there is none.

    An allowance's vintage has only its own marks: an old one is never worth a new one (R2.31).
    """
    return marks_on([(scheme, vintage)], on, source=source).get((scheme, vintage))


def what_said(what: str) -> str:
    """An instrument ("CEA 2025") in the reader's language; a pair of currencies as it is."""
    code, _blank, vintage = what.partition(" ")
    return f"{instruments.scheme_name(code)} {vintage}".strip()


def all_marks() -> QuerySet[models.Mark]:
    return models.Mark.objects.select_related("source", "telling")


def standing_marks() -> QuerySet[models.Mark]:
    """The newest version of each day, where it is not withdrawn."""
    later = models.Mark.objects.alias(vintage=Coalesce("vintage_year", ANY)).filter(
        scheme=OuterRef("scheme"), vintage=Coalesce(OuterRef("vintage_year"), ANY),
        source=OuterRef("source"), mode=OuterRef("mode"), marked_on=OuterRef("marked_on"),
        version__gt=OuterRef("version"),
    )  # fmt: skip
    return all_marks().filter(~Exists(later), is_withdrawn=False)


def get_mark(mark_id: UUID) -> models.Mark:
    """:raises NotFound: no such mark"""
    row = all_marks().filter(pk=mark_id).first()
    if row is None:
        raise NotFound
    return row


def versions_of(mark: models.Mark) -> QuerySet[models.Mark]:
    """Every version of what a source said of one day, the newest first."""
    return (
        all_marks()
        .filter(
            scheme=mark.scheme, vintage_year=mark.vintage_year, source=mark.source_id,
            mode=mark.mode, marked_on=mark.marked_on,
        )
        .order_by("-version")
    )  # fmt: skip


def newest_versions(facts: Iterable[Fact]) -> dict[Fact, tuple[int, Decimal]]:
    """Of each fact whose day is told already: the newest version and its figure. Two queries."""
    wanted = list(facts)
    told = [one for one in wanted if isinstance(one, MarkFact)]
    rated = [one for one in wanted if isinstance(one, RateFact)]
    found: dict[Any, tuple[int, Decimal]] = {}
    if told:
        rows: Any = models.Mark.objects.filter(
            scheme__in={one.scheme for one in told}, marked_on__in={one.day for one in told}
        ).order_by("version")
        columns = ["scheme", "vintage_year", "source_id", "mode", "marked_on", "version", "price"]
        found |= {tuple(key): (v, figure) for *key, v, figure in rows.values_list(*columns)}
    if rated:
        rows = models.ExchangeRate.objects.filter(
            from_currency__in={one.from_currency for one in rated},
            rated_on__in={one.day for one in rated},
        ).order_by("version")
        columns = ["from_currency", "to_currency", "source_id", "rated_on", "version", "rate"]
        found |= {tuple(key): (v, figure) for *key, v, figure in rows.values_list(*columns)}
    places = {one: (*one.series, one.day) for one in wanted}
    return {one: found[place] for one, place in places.items() if place in found}


def withdrawn_among(facts: Iterable[Fact]) -> set[Fact]:
    """Those whose day was told once, and whose newest version is withdrawn. One query."""
    wanted = list(facts)
    if not wanted:
        return set()
    days = {one.day for one in wanted}
    marks = models.Mark.objects.filter(marked_on__in=days)
    rates = models.ExchangeRate.objects.filter(rated_on__in=days)
    table: Any = marks if isinstance(wanted[0], MarkFact) else rates
    newest = {row.place: row.is_withdrawn for row in table.order_by("version").iterator()}
    return {one for one in wanted if newest.get((*one.series, one.day))}


def all_rates() -> QuerySet[models.ExchangeRate]:
    return models.ExchangeRate.objects.select_related("source", "telling")


def rows_of(telling: models.Telling, *, limit: int) -> list[Any]:
    """The first rows of a telling: marks or rates."""
    table: Any = all_marks() if telling.kind == TellingKind.MARKS else all_rates()
    return list(table.filter(telling=telling).order_by("position")[:limit])


def priced_keys(schemes: Iterable[str] | None = None) -> list[Key]:
    """Every (scheme, vintage) that has a mark."""
    rows = standing_marks().exclude(mode=Mode.BLOCK)
    if schemes is not None:
        rows = rows.filter(scheme__in=list(schemes))
    found = rows.order_by("scheme", "vintage_year").values_list("scheme", "vintage_year")
    return list(found.distinct())


def history(
    scheme: str, vintage: int | None, *, first: date, last: date, source: str = ""
) -> list[models.Mark]:
    """One row a day, of the best source and newest version, oldest first."""
    rows = (
        standing_marks()
        .filter(scheme=scheme, vintage_year=vintage, marked_on__gte=first, marked_on__lte=last)
        .exclude(mode=Mode.BLOCK)
    )
    if source:
        rows = rows.filter(source=source)
    newest: dict[date, models.Mark] = {}
    for row in rows.order_by("marked_on", "-source__rank"):
        newest[row.marked_on] = row
    return list(newest.values())


def sources() -> QuerySet[models.PriceSource]:
    return models.PriceSource.objects.order_by("rank", "code")


def source_names() -> dict[str, str]:
    """Sources by code, in the reader's language."""
    return {row.code: str(row) for row in sources()}
