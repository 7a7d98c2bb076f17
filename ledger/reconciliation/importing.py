"""The `statement` target of imports: a file's lines become statements, one for each account.

A statement is a whole picture: a line that an earlier file had, too, is said again. So every line
of the import counts, whatever was taken in before. Staged rows are read by name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.accounts import queries as accounts
from ledger.accounts.states import AccountState
from ledger.imports import queries as imports
from ledger.imports.operations import RowProblem, SchemeChoice
from ledger.imports.queries import ImportView, stream
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_
from ledger.reconciliation import operations, queries
from ledger.reconciliation.models import Statement
from ledger.reconciliation.operations import Line
from ledger.reconciliation.rules import BEIJING, Coverage

_ROWS = """
SELECT r.row_number, r.line, r.record ->> 'scheme' AS scheme,
       CASE WHEN %(one)s THEN '' ELSE coalesce(r.record ->> 'account', '') END AS account,
       coalesce((r.record ->> 'vintage_year')::int,
                extract(year FROM (r.record ->> 'period_from')::date)::int) AS vintage,
       CASE r.record ->> 'act' WHEN 'HELD' THEN coalesce(nullif(r.record ->> 'state', ''), 'FREE')
            WHEN 'RETIRED' THEN 'RETIRED' WHEN 'CANCELLED' THEN 'CANCELLED'
            WHEN 'SURRENDERED' THEN 'SURRENDERED' END AS state,
       (r.record ->> 'quantity')::bigint AS quantity,
       (r.record ->> 'first')::bigint AS first, (r.record ->> 'last')::bigint AS last,
       r.record -> 'space' ->> 0 AS registry,
       coalesce(nullif(r.record -> 'space' ->> 1, ''), r.record ->> 'scheme') AS programme,
       r.record -> 'space' ->> 2 AS prefix,
       coalesce(r.record ->> 'project_code', '') AS project
FROM ledger_imports_row AS r
WHERE r.import_id = %(import)s AND r.record IS NOT NULL
  AND NOT EXISTS (SELECT FROM ledger_imports_setaside AS a
                  WHERE a.import_of_id = r.import_id AND a.row_number = r.row_number
                    AND a.line = r.line)
"""
_ALONE = f"""
SELECT row_number, line, CASE WHEN state IS NULL THEN 'not_a_holding' ELSE 'no_vintage' END
FROM ({_ROWS}) AS r WHERE state IS NULL OR vintage IS NULL ORDER BY 1, 2
"""  # noqa: S608
_OVERLAPS = f"""
SELECT row_number, line, first, last FROM (
    SELECT r.*, max(last) OVER (PARTITION BY registry, programme, prefix
                                ORDER BY first, row_number, line
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM ({_ROWS}) AS r WHERE first IS NOT NULL) AS runs
WHERE reached >= first ORDER BY 1, 2
"""  # noqa: S608
_PLACES = f"""
SELECT account, scheme, array_agg(DISTINCT vintage), array_agg(DISTINCT state),
       min(row_number), count(*), sum(quantity)
FROM ({_ROWS}) AS r WHERE state IS NOT NULL AND vintage IS NOT NULL
GROUP BY account, scheme ORDER BY account, scheme
"""  # noqa: S608
_OF_ACCOUNT = f"""
SELECT scheme, vintage, state, quantity, first, last, registry, programme, prefix, project
FROM ({_ROWS}) AS r WHERE (account, scheme) IN (
    SELECT * FROM unnest(%(accounts)s::text[], %(schemes)s::text[]))
ORDER BY row_number, line
"""  # noqa: S608
SAID = {
    "not_a_holding": ("", N_("The line says what happened, not what is held.")),
    "no_vintage": ("", N_("The line names no vintage.")),
    "no_such_account": ("", N_("The party has no account %(number)s in this registry.")),
    "no_account_named": ("", N_("The line names no account, and none was chosen.")),
    "no_such_scheme": ("", N_("The scheme %(code)s is not known.")),
    "serials_twice": ("", N_("Serial numbers %(first)s to %(last)s are named twice.")),
}
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class _Place:
    """Lines of one scheme in one account, as the file names them."""

    number: str
    scheme: str
    vintages: tuple[int, ...]
    states: tuple[str, ...]
    row_number: int
    line_count: int
    unit_count: int


def _asked(view: ImportView) -> dict[str, Any]:
    """For the rows; `one`: the whole file is of one account, whatever its lines call it."""
    return {"import": view.id, "one": view.is_one_account}


def _places(view: ImportView) -> list[_Place]:
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, _asked(view))
        return [
            _Place(n, scheme, tuple(years), tuple(states), row, lines, int(units))
            for n, scheme, years, states, row, lines, units in cursor.fetchall()
        ]


def check(import_id: UUID) -> Iterator[RowProblem]:
    """Every line that is no statement about an account of the party."""
    view = imports.get_import(import_id)
    for row, line, code in stream(_ALONE, _asked(view)):
        yield _problem(row, line, code)
    for row, line, first, last in stream(_OVERLAPS, _asked(view)):
        yield _problem(row, line, "serials_twice", first=first, last=last)
    for place in _places(view):
        if _account_of(place, view) is None:
            yield _problem(place.row_number, 0, *_why(place))


def _why(place: _Place) -> tuple[str, Mapping[str, Any]]:
    if place.scheme not in _known_schemes():
        return "no_such_scheme", {"code": place.scheme}
    if place.number:
        return "no_such_account", {"number": place.number}
    return "no_account_named", {}


def _problem(row: int, line: int, code: str, given: Any = None, **params: Any) -> RowProblem:
    column, message = SAID[code]
    return RowProblem(row, column, code, message, {**(given or {}), **params}, True, line)


def _known_schemes() -> dict[str, str]:
    return dict(instruments.schemes().values_list("code", "registry_id"))


def _account_of(place: _Place, view: ImportView) -> UUID | None:
    """The party's account that the lines are about."""
    registry = _known_schemes().get(place.scheme)
    if registry is None:
        return None
    mine = accounts.accounts_of(view.party_id)
    if not place.number:
        chosen = mine.filter(pk=view.account_id) if view.account_id else mine.none()
        return chosen.values_list("pk", flat=True).first()
    named = mine.filter(number=place.number)
    found = named.filter(registry_id=registry).first() or named.first()
    return found.pk if found else None


def summarise(import_id: UUID) -> dict[str, Any]:
    """How many accounts, lines and units the statements would speak of."""
    places = _places(imports.get_import(import_id))
    return {
        "accounts": len({place.number for place in places}),
        "lines": sum(place.line_count for place in places),
        "units": sum(place.unit_count for place in places),
    }


def commit(
    import_id: UUID, *, by: Actor, at: datetime, approval_id: UUID | None, progress: Progress
) -> dict[str, Any]:
    """A statement for each account, and its comparison by a job; all or nothing.

    :raises StatementOverlaps, StatementOfTheFuture: see `record_statement`
    """
    view = imports.get_import(import_id)
    by_account: dict[UUID, list[_Place]] = {}
    for place in _places(view):
        account_id = _account_of(place, view)
        if account_id is not None:
            by_account.setdefault(account_id, []).append(place)
    made = []
    for done, (account_id, places) in enumerate(by_account.items()):
        progress(done, len(by_account), "")
        made.append(_record(account_id, places, view, by=by, at=at))
        operations.request_comparison(account_id=account_id, by=by, at=at)
    return {"statements": [str(one.pk) for one in made]}


def _record(
    account_id: UUID, places: Sequence[_Place], view: ImportView, *, by: Actor, at: datetime
) -> Statement:
    return operations.record_statement(
        account_id=account_id,
        as_of_at=min(_end_of(view), at),
        coverage=_coverage(account_id, places),
        lines=_lines(view, places),
        by=by,
        at=at,
        import_id=view.id,
        file_sha256=view.sha256,
    )


def _end_of(view: ImportView) -> datetime:
    """The last moment of the statement's day, in Beijing."""
    midnight = datetime.combine(view.as_of + timedelta(days=1), time(), tzinfo=BEIJING)
    return (midnight - timedelta(seconds=1)).astimezone(UTC)


def _coverage(account_id: UUID, places: Sequence[_Place]) -> list[Coverage]:
    """A file speaks of the vintages and states that it names, and of those that it named before.

    So a row that disappeared since the last export is a difference, and a vintage of which no
    file ever spoke is none.
    """
    before: dict[str, list[Coverage]] = {}
    for standing in queries.standing_statements(account_id):
        for part in standing.spoken.parts:
            before.setdefault(part.scheme, []).append(part)
    return [_covered(place, before.get(place.scheme, [])) for place in places]


def _covered(place: _Place, before: Sequence[Coverage]) -> Coverage:
    vintages: frozenset[int] | None = frozenset(place.vintages)
    for part in before:
        vintages = None if part.vintages is None or vintages is None else vintages | part.vintages
    states = frozenset(place.states).union(*[part.states for part in before])
    return Coverage(place.scheme, vintages, states)


def _lines(view: ImportView, places: Sequence[_Place]) -> Iterator[Line]:
    asked = {
        **_asked(view),
        "accounts": [place.number for place in places],
        "schemes": [place.scheme for place in places],
    }
    for scheme, vintage, state, quantity, first, last, *space, project in stream(
        _OF_ACCOUNT, asked
    ):
        registry, programme, prefix = (part or "" for part in space)
        named = (registry, programme, prefix) if first is not None else ("", "", "")
        yield Line(scheme, vintage, state, quantity, first, last, named, project)


def undo(
    import_id: UUID, *, by: Actor, at: datetime, reason: str, progress: Progress
) -> dict[str, Any]:
    """Withdraw the statements of an import; what they alone showed is found gone."""
    rows = Statement.objects.filter(import_id=import_id, withdrawal=None).order_by("id")
    for row in rows:
        operations.withdraw_statement(statement_id=row.pk, reason=reason, by=by, at=at)
        operations.request_comparison(account_id=row.account_id, by=by, at=at)
    return {"statements": len(rows)}


def accounts_to_choose(by: Actor) -> list[tuple[str, str]]:
    """The party's open accounts, by registry and number."""
    own = accounts.accounts_of(by.own_party).filter(state=AccountState.OPEN)
    return [(str(one.pk), f"{one.registry_id} {one.number}") for one in own]


def schemes_to_choose() -> list[SchemeChoice]:
    """Every scheme, by its name in the reader's language."""
    return [
        SchemeChoice(one.code, str(one), one.registry_id, one.measure, (one.name_zh, one.name_en))
        for one in instruments.schemes()
    ]


__all__ = ["accounts_to_choose", "check", "commit", "schemes_to_choose", "summarise", "undo"]
