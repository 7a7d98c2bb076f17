"""What other rooms may ask about statements and breaks; the guard before a movement."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import models as django_models
from django.db.models import Q, QuerySet

from ledger.accounts import queries as accounts
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import canonical_json
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties
from ledger.reconciliation.comparing import Compared
from ledger.reconciliation.models import (
    OPEN,
    Break,
    Comparison,
    Override,
    Statement,
    StatementPart,
)
from ledger.reconciliation.queries.overrides import (
    OverrideView,
    deadlines,
    lifted_breaks,
    next_deadline,
    overrides_behind,
    overrides_touching,
    view_of,
)
from ledger.reconciliation.rules import Coverage, OpenBreak, Spoken, beijing_day
from ledger.units.queries import LotView

__all__ = [
    "Coverage",
    "OpenBreak",
    "OverrideView",
    "deadlines",
    "lifted_breaks",
    "next_deadline",
    "overrides_behind",
    "overrides_touching",
    "view_of",
]

SEES_ALL = (Role.SYSTEM, Role.AUDITOR)


def _own(by: Actor) -> Q:
    if by.has(*SEES_ALL):
        return Q()
    return Q(account_id__in=accounts.account_ids_of(by.own_party))


def get_statement(statement_id: UUID, *, by: Actor) -> Statement:
    """:raises NotFound: not there, or another party's"""
    found = Statement.objects.filter(_own(by), pk=statement_id).first()
    if found is None:
        raise NotFound
    return found


def get_break(break_id: UUID, *, by: Actor) -> Break:
    """:raises NotFound: not there, or another party's"""
    found = Break.objects.filter(_own(by), pk=break_id).select_related("statement").first()
    if found is None:
        raise NotFound
    return found


def lock_break(break_id: UUID, *, by: Actor) -> Break:
    """:raises NotFound: not there, or another party's"""
    found = Break.objects.filter(_own(by), pk=break_id).select_for_update().first()
    if found is None:
        raise NotFound
    return found


def statements_seen_by(by: Actor) -> QuerySet[Statement]:
    """Of the actor's accounts; auditors see all."""
    return Statement.objects.filter(_own(by))


def comparisons_seen_by(by: Actor) -> QuerySet[Comparison]:
    return Comparison.objects.filter(statement__in=statements_seen_by(by).values("pk"))


def breaks_seen_by(by: Actor) -> QuerySet[Break]:
    return Break.objects.filter(_own(by))


def overrides_seen_by(by: Actor) -> QuerySet[Override]:
    return Override.objects.filter(_own(by))


OWNERS = (Role.CARBON_MANAGER, Role.APPROVER, Role.DATA_OFFICER)


def owners_of(party_id: UUID, *, on: date) -> dict[UUID, str]:
    """Who can look after a break: the party's own people, with their names."""
    ids = {
        row.user_id
        for role in OWNERS
        for row in parties.holders_of(role, on=on).filter(party_id=party_id)
    }
    return {one: str(name) for one, name in parties.names_of(ids).items()}


def check_owner(user_id: UUID, *, party_id: UUID, at: datetime) -> None:
    """:raises NotFound: nobody of the party who could look after a break"""
    if user_id not in owners_of(party_id, on=beijing_day(at)):
        raise NotFound


def breaks_of(party_id: UUID) -> QuerySet[Break]:
    own = accounts.account_ids_of(party_id)
    return Break.objects.filter(account_id__in=own).order_by("-opened_at")


def count_open_breaks(by: Actor) -> int:
    """For the home page: the actor's party's breaks that are not closed."""
    if by.party_id is None:
        return 0
    return breaks_of(by.party_id).filter(state__in=OPEN).count()


def open_breaks_in(account_ids: Iterable[UUID]) -> QuerySet[Break]:
    """Not closed, in these accounts."""
    return Break.objects.filter(account_id__in=list(account_ids), state__in=OPEN)


# --- what a correction may choose from


def counter_choices(row: Break) -> list[tuple[str, str]]:
    """Accounts that units may come from or go to: the holder's own, and strangers' there."""
    here = row.account
    mine = accounts.accounts_of(here.holder_id).exclude(pk=here.pk)
    mine = mine.filter(registry_id=here.registry_id)
    strangers = accounts.accounts().filter(
        registry_id=here.registry_id, type__in=["OUTSIDE", "ISSUER"]
    )
    return [(str(one.pk), f"{one.get_type_display()} · {one}") for one in (*mine, *strangers)]


_LOTS = """
SELECT id::text, code FROM ledger_units_lot WHERE scheme = %s AND vintage_year = %s
ORDER BY code LIMIT 200
"""


def lot_choices(row: Break) -> list[tuple[str, str]]:
    """Lots of the break's scheme and vintage, by code."""
    with connection.cursor() as cursor:
        cursor.execute(_LOTS, [row.scheme, row.vintage_year])
        return list(cursor.fetchall())


# --- which statements speak now


def standing_statements(account_id: UUID) -> list[Compared]:
    """The statements that still have something to say of an account, newest first."""
    rows = Statement.objects.filter(account_id=account_id, withdrawal=None)
    newer: tuple[Spoken, ...] = ()
    found = list[Compared]()
    for row in rows.order_by("-as_of_at", "-recorded_at", "-id"):
        spoken = Spoken.of(row.coverage)
        if not all(any(one.overrules(part) for one in newer) for part in spoken.parts):
            found.append(Compared(row.pk, account_id, row.as_of_on, spoken, newer))
        newer = (*newer, spoken)
    return found


def newest_statement(account_id: UUID) -> Statement | None:
    """The newest statement of an account that was not withdrawn."""
    rows = Statement.objects.filter(account_id=account_id, withdrawal=None)
    return rows.order_by("-as_of_at", "-recorded_at", "-id").first()


def accounts_with_statements() -> list[UUID]:
    rows = Statement.objects.order_by("account_id").values_list("account_id", flat=True)
    return list(rows.distinct())


# An import is one long transaction that keeps the moment of its beginning.
LONGEST_WRITE = timedelta(minutes=15)
# Two look-ups by index, not one join over either side: a ledger has millions of movements.
_STALE = """
SELECT EXISTS (
    SELECT 1 FROM (
        SELECT m.entry_id FROM ledger_units_position AS p
        JOIN ledger_units_movement AS m ON m.from_position_id = p.id
        WHERE p.account_id = %(account)s AND m.happened_on <= %(day)s
        UNION ALL
        SELECT m.entry_id FROM ledger_units_position AS p
        JOIN ledger_units_movement AS m ON m.to_position_id = p.id
        WHERE p.account_id = %(account)s AND m.happened_on <= %(day)s) AS moved
    JOIN ledger_units_entry AS e ON e.id = moved.entry_id
    WHERE e.recorded_at > %(since)s)
"""


def is_due(compared: Compared) -> bool:
    """Never compared, or something of its days was recorded since, or may have been."""
    last = Comparison.objects.filter(statement_id=compared.statement_id)
    newest = last.order_by("-compared_at").first()
    if newest is None:
        return True
    asked: dict[str, Any] = {
        "account": compared.account_id,
        "day": compared.day,
        "since": newest.compared_at - LONGEST_WRITE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STALE, asked)
        return bool(cursor.fetchone()[0])


def withdrawn_with_breaks(account_id: UUID) -> list[UUID]:
    """Withdrawn statements whose breaks nobody has found gone yet."""
    rows = Break.objects.filter(
        account_id=account_id,
        state__in=OPEN,
        vanished_at=None,
        statement__withdrawal__isnull=False,
    )
    return list(rows.order_by("statement_id").values_list("statement_id", flat=True).distinct())


def statements_to_compare(account_id: UUID) -> list[UUID]:
    """What a comparison of the account looks at: what stands, and what was withdrawn since."""
    standing = [one.statement_id for one in standing_statements(account_id)]
    return standing + withdrawn_with_breaks(account_id)


def due_accounts() -> list[UUID]:
    """Accounts in which something is to be compared."""
    return [
        account_id
        for account_id in accounts_with_statements()
        if any(is_due(one) for one in standing_statements(account_id))
        or withdrawn_with_breaks(account_id)
    ]


# --- the guard


def _about(account_id: UUID, scheme: str, vintage_year: int) -> Q:
    here = Q(scheme=scheme, vintage_year=vintage_year)
    there = Q(their_scheme=scheme, their_vintage_year=vintage_year)
    return Q(account_id=account_id, state__in=OPEN) & (here | there)


def blocking_breaks(account_id: UUID, scheme: str, vintage_year: int) -> QuerySet[Break]:
    """Not closed, of this vintage in this account, by our books or by the statement."""
    return Break.objects.filter(_about(account_id, scheme, vintage_year))


def check_no_open_break(
    *, kind: str, account_id: UUID, lot: LotView, on: date, by: Actor, at: datetime
) -> None:
    """The guard before a transfer, a surrender and a pledge (`units.operations.register_guard`).

    The moment of the act counts, not the day it is dated on: an override that has run out lets
    nothing through that is dated back into its days.

    :raises OpenBreak: books and registry differ, and nobody has overridden the block
    """
    found = blocking_breaks(account_id, lot.scheme, lot.vintage_year)
    blocking = set(found.values_list("pk", flat=True))
    if blocking:
        blocking -= lifted_breaks(
            account_id=account_id, scheme=lot.scheme, vintage_year=lot.vintage_year, at=at
        )
    if not blocking:
        return
    number = accounts.get_account(account_id).number
    raise OpenBreak(scheme=lot.scheme, vintage=lot.vintage_year, number=number, count=len(blocking))


# --- rows as the log tells them


def content_of(row: django_models.Model) -> dict[str, Any]:
    """A row's columns as its newest event tells them; words of people as their hash."""
    facts = {item.attname: getattr(row, item.attname) for item in row._meta.concrete_fields}
    if facts.get("deadline_on", "") is None:
        del facts["deadline_on"]  # came later, and is told where there is one
    if "text" in facts:
        facts["text"] = hashlib.sha256(str(facts["text"]).encode()).hexdigest()
    return {
        name: bytes(value).hex() if isinstance(value, bytes | memoryview) else value
        for name, value in facts.items()
    }


PART_COLUMNS = (
    "number", "scheme", "vintage_year", "state", "project_code",
    "registry", "programme", "prefix",
)  # fmt: skip
_LINES = """
SELECT concat_ws(E'\\t', part_number, coalesce(first_serial::text, '\\N'),
                 coalesce(last_serial::text, '\\N'), quantity)
FROM ledger_reconciliation_statementline WHERE statement_id = %s ORDER BY id
"""


def digest_of_lines(statement_id: UUID) -> str:
    """Parts and lines as they are now; `lines_digest` is the same when nobody altered any."""
    found = hashlib.sha256()
    with connection.chunked_cursor() as cursor:
        cursor.execute(_LINES, [statement_id])
        for (line,) in cursor:
            found.update(f"{line}\n".encode())
    parts = StatementPart.objects.filter(statement_id=statement_id).order_by("number", "id")
    for part in parts.values(*PART_COLUMNS).iterator():
        found.update(canonical_json(part))
    return found.hexdigest()


BREAK_VERBS = tuple(
    f"break.{what}"
    for what in (
        "opened", "assigned", "explained", "in_correction", "corrected", "closed",
        "seen", "reopened", "vanished",
    )
)  # fmt: skip
