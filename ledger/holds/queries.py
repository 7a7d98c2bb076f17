"""What other rooms may ask about holds."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db import models as django_models
from django.db.models import Min, Q, QuerySet, Sum

from ledger.accounts import queries as accounts
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.holds.models import Hold, PendingTransfer, Renewal, Resolution
from ledger.holds.states import LIVE, HoldKind, HoldState, TransferState
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.units.states import UnitState

UNIT_STATE = {
    HoldKind.RESERVE: UnitState.RESERVED,
    HoldKind.PLEDGE: UnitState.PLEDGED,
    HoldKind.FREEZE: UnitState.FROZEN,
    HoldKind.LEND: UnitState.LENT,
}


def state_of(hold: Hold) -> UnitState:
    """Where the units of such a hold are."""
    return UNIT_STATE[HoldKind(hold.kind)]


def get_hold(hold_id: UUID) -> Hold:
    """:raises NotFound: no such hold"""
    hold = Hold.objects.select_related("account").filter(pk=hold_id).first()
    if hold is None:
        raise NotFound
    return hold


def get_visible_hold(hold_id: UUID, *, by: Actor) -> Hold:
    """A hold on the actor's units, or in the actor's favour.

    :raises NotFound: not there, or not yours to see
    """
    hold = get_hold(hold_id)
    mine = by.party_id in {hold.account.holder_id, hold.in_favour_of} and by.party_id is not None
    if not mine and not by.has(Role.SYSTEM, Role.AUDITOR):
        raise NotFound
    return hold


def lock_stack(stack_id: UUID) -> list[Hold]:
    """All holds of a stack in rank order, their rows locked."""
    rows = Hold.objects.select_for_update().filter(stack_id=stack_id).order_by("rank")
    return list(rows)


def holds_seen_by(party_id: UUID) -> QuerySet[Hold]:
    """Holds on a party's units and in its favour, newest first."""
    own = accounts.account_ids_of(party_id)
    return Hold.objects.filter(Q(account_id__in=own) | Q(in_favour_of=party_id)).order_by(
        "-placed_at"
    )


def holds_visible_to(actor: Actor) -> QuerySet[Hold]:
    """The same for an actor; auditors see all."""
    if actor.has(Role.SYSTEM, Role.AUDITOR):
        return Hold.objects.all()
    return holds_seen_by(actor.party_id) if actor.party_id else Hold.objects.none()


def live_holds_on(account_id: UUID, lot_id: UUID | None = None) -> QuerySet[Hold]:
    rows = Hold.objects.filter(account_id=account_id, state__in=LIVE).order_by("stack_id", "rank")
    return rows.filter(lot_id=lot_id) if lot_id else rows


class Held(NamedTuple):
    """What a hold has in its own state now, for whom."""

    hold_id: UUID
    account_id: UUID
    lot_id: UUID
    state: UnitState
    unit_count: int
    in_favour_of: UUID | None


def held_counted() -> list[Held]:
    """Every hold that controls units without serial numbers, in one fixed order."""
    rows = Hold.objects.filter(lot__space_id__isnull=True)
    return list(_held(rows.order_by("account_id", "lot_id", "id")))


def held_by(hold_ids: Iterable[UUID]) -> dict[UUID, Held]:
    """Those of some holds that control units, by their ids."""
    return {one.hold_id: one for one in _held(Hold.objects.filter(pk__in=list(hold_ids)))}


def _held(rows: QuerySet[Hold]) -> Iterator[Held]:
    found = rows.filter(controlled_count__gt=0).values_list(
        "pk", "account_id", "lot_id", "kind", "controlled_count", "in_favour_of"
    )
    for hold_id, account_id, lot_id, kind, count, creditor in found:
        state = UNIT_STATE[HoldKind(kind)]
        yield Held(hold_id, account_id, lot_id, state, count, creditor)


def has_changed_since(moment: datetime) -> bool:
    """Whether a hold was placed or resolved at that moment or later."""
    placed = Hold.objects.filter(placed_at__gte=moment)
    return placed.exists() or Resolution.objects.filter(resolved_at__gte=moment).exists()


def due_hold_ids(on: date) -> list[UUID]:
    """Live holds whose end has come: `expires_on` is the first day without them.

    What another act keeps is ended by that act.
    """
    due = Hold.objects.filter(state__in=LIVE, expires_on__lte=on, kept_by="")
    due = due.order_by("expires_on", "id")
    return list(due.values_list("pk", flat=True))


def stacks_on(account_id: UUID, lot_id: UUID) -> list[tuple[UUID, int]]:
    """The stacks of an account and lot, oldest first: their first hold, and what they control."""
    rows = (
        Hold.objects.filter(account_id=account_id, lot_id=lot_id, state__in=LIVE)
        .values("stack_id")
        .annotate(held=Sum("controlled_count"), begun=Min("placed_at"))
        .order_by("begun", "stack_id")
    )
    return [(row["stack_id"], row["held"]) for row in rows if row["held"]]


def holds_by_key(prefix: str) -> list[Hold]:
    """Holds placed by one request, in the order in which it placed them."""
    return list(Hold.objects.filter(idempotency_key__startswith=prefix).order_by("idempotency_key"))


def holds_kept_by(subject: str) -> list[Hold]:
    """Live holds that an act of ours keeps, oldest first."""
    rows = Hold.objects.filter(kept_by=subject, state__in=LIVE)
    return list(rows.order_by("placed_at", "id"))


def orders_on(account_ids: Iterable[UUID]) -> list[Hold]:
    """Orders in force that control units in these accounts."""
    rows = Hold.objects.filter(
        account_id__in=list(account_ids), kind=HoldKind.FREEZE, kept_by="", controlled_count__gt=0
    )
    return list(rows.order_by("placed_at", "id"))


def kept_by_project(project_id: UUID) -> str:
    """Who keeps the certificates that a registered project has frozen."""
    return f"instruments.Project:{project_id}"


def certificates_kept(project_id: UUID, period: Period) -> list[Hold]:
    """Active freezes of a project over certificates generated within a period."""
    rows = Hold.objects.filter(
        kept_by=kept_by_project(project_id),
        state=HoldState.ACTIVE,
        lot__generated_from__gte=period.start,
        lot__generated_to__lte=period.end,
    )
    return list(rows.order_by("placed_at", "id"))


def find_transfer(*, full_key: str) -> PendingTransfer | None:
    return PendingTransfer.objects.filter(hold__idempotency_key=full_key).first()


def get_transfer(transfer_id: UUID) -> PendingTransfer:
    """:raises NotFound: no such transfer"""
    row = PendingTransfer.objects.select_related("hold").filter(pk=transfer_id).first()
    if row is None:
        raise NotFound
    return row


def transfers_visible_to(actor: Actor) -> QuerySet[PendingTransfer]:
    """Out of the actor's own accounts; auditors see all."""
    rows = PendingTransfer.objects.select_related("hold")
    own = accounts.account_ids_seen_by(actor)
    return rows if own is None else rows.filter(hold__account_id__in=own)


def get_visible_transfer(transfer_id: UUID, *, by: Actor) -> PendingTransfer:
    """:raises NotFound: not there, or not yours to see"""
    row = transfers_visible_to(by).filter(pk=transfer_id).first()
    if row is None:
        raise NotFound
    return row


def lock_transfer(transfer_id: UUID) -> PendingTransfer:
    """:raises NotFound: no such transfer"""
    rows = PendingTransfer.objects.select_for_update(of=("self",)).select_related("hold")
    row = rows.filter(pk=transfer_id).first()
    if row is None:
        raise NotFound
    return row


def due_transfer_ids(on: date) -> list[UUID]:
    """Waiting transfers whose day has come."""
    due = PendingTransfer.objects.filter(state=TransferState.WAITING, executes_on__lte=on)
    return list(due.order_by("executes_on", "id").values_list("pk", flat=True))


def waiting_transfers_of(account_ids: Sequence[UUID]) -> list[PendingTransfer]:
    """What will go out of these accounts by itself, the next first."""
    rows = PendingTransfer.objects.filter(
        state=TransferState.WAITING, hold__account_id__in=account_ids
    )
    return list(rows.select_related("hold__lot", "to_account").order_by("executes_on", "id"))


# --- verification

# Read by name: units belong to the room below, and this must stream over millions of positions.
_HELD = """
SELECT coalesce(h.account_id, p.account_id), coalesce(h.lot_id, p.lot_id),
       coalesce(h.state, p.state), coalesce(h.held, 0), coalesce(p.quantity, 0)
FROM (SELECT account_id, lot_id,
             CASE kind WHEN 'RESERVE' THEN 'RESERVED' WHEN 'PLEDGE' THEN 'PLEDGED'
                       ELSE 'FROZEN' END AS state, sum(controlled_count) AS held
      FROM ledger_holds_hold GROUP BY 1, 2, 3) AS h
FULL JOIN (SELECT account_id, lot_id, state, quantity FROM ledger_units_position
           WHERE state IN ('RESERVED', 'PLEDGED', 'FROZEN')) AS p
  ON p.account_id = h.account_id AND p.lot_id = h.lot_id AND p.state = h.state
WHERE coalesce(h.held, 0) <> coalesce(p.quantity, 0)
"""
_SERIALS = """
SELECT coalesce(h.id, b.hold_id), coalesce(h.controlled_count, 0), coalesce(b.units, 0)
FROM (SELECT h.id, h.controlled_count FROM ledger_holds_hold h
      JOIN ledger_units_lot l ON l.id = h.lot_id WHERE l.space_id IS NOT NULL) AS h
FULL JOIN (SELECT hold_id, sum(last_serial - first_serial + 1) AS units FROM ledger_units_block
           WHERE hold_id IS NOT NULL GROUP BY 1) AS b ON b.hold_id = h.id
WHERE coalesce(h.controlled_count, 0) <> coalesce(b.units, 0)
"""


def check_against_positions() -> Iterator[Fault]:
    """What the holds say they control is what the positions and blocks have in their states."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD)
        for account, lot, state, held, quantity in cursor.fetchall():
            text = f"holds say {held} {state} of lot {lot}, the position has {quantity}"
            yield Fault("holds.positions", f"accounts.Account:{account}", text)
        cursor.execute(_SERIALS)
        for hold, held, units in cursor.fetchall():
            text = f"controls {held}, its serial blocks have {units}"
            yield Fault("holds.blocks", f"holds.Hold:{hold}", text)


def content_of(row: django_models.Model) -> dict[str, Any]:
    """A row as its newest event tells it."""
    facts = {item.attname: getattr(row, item.attname) for item in row._meta.concrete_fields}
    return {
        name: bytes(value).hex() if isinstance(value, bytes | memoryview) else value
        for name, value in facts.items()
    }


VERBS = (
    "hold.placed",
    "hold.queued",
    "hold.took_control",
    "hold.lapsed",
    "hold.released",
    "hold.captured",
    "hold.expired",
    "hold.renewed",
)
TRANSFER_VERBS = (
    "transfer.waiting",
    "transfer.held_back",
    "transfer.done",
    "transfer.cancelled",
)


def check_rows_match_events() -> Iterator[Fault]:
    """Every hold, resolution, renewal and waiting transfer as its newest event tells it."""
    yield from compare_rows_with_events(
        ((f"holds.Hold:{row.pk}", content_of(row)) for row in Hold.objects.iterator()),
        kind="holds.row",
        verbs=VERBS,
    )
    yield from compare_rows_with_events(
        ((f"holds.Resolution:{row.pk}", content_of(row)) for row in Resolution.objects.iterator()),
        kind="holds.resolution",
        verbs=["hold.resolved"],
    )
    yield from compare_rows_with_events(
        ((f"holds.Renewal:{row.pk}", content_of(row)) for row in Renewal.objects.iterator()),
        kind="holds.renewal",
        verbs=["hold.renewal_recorded"],
    )
    rows = PendingTransfer.objects.iterator()
    yield from compare_rows_with_events(
        ((f"holds.PendingTransfer:{row.pk}", content_of(row)) for row in rows),
        kind="holds.transfer",
        verbs=TRANSFER_VERBS,
    )
