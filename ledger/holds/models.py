"""Holds and what became of them."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import day
from ledger.holds.states import (
    LIVE,
    TRANSFERS,
    TRANSITIONS,
    HoldKind,
    HoldState,
    TransferState,
)
from ledger.kernel.ids import new_id

MOVES = sorted((str(old), str(new)) for old, after in TRANSITIONS.items() for new in after)

TRANSFER_MOVES = sorted((str(old), str(new)) for old, after in TRANSFERS.items() for new in after)


class Hold(StatefulTable):
    """Units of one lot in one account, set aside until resolved.

    Holds over the same units form a stack, named by its first hold, and stand in rank order.
    `remaining_count` is what the hold still secures, `controlled_count` what of it is in the
    hold's own state now; the difference waits for the holds before it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=HoldKind)
    state = models.CharField(_("state"), max_length=8, choices=HoldState)
    account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, verbose_name=_("account")
    )
    lot = models.ForeignKey("ledger_units.Lot", on_delete=models.PROTECT, verbose_name=_("lot"))
    stack_id = models.UUIDField(_("stack"))
    rank = models.PositiveSmallIntegerField(_("rank"))
    unit_count = models.BigIntegerField(_("units placed"))
    remaining_count = models.BigIntegerField(_("units still secured"))
    controlled_count = models.BigIntegerField(_("units controlled"))
    in_favour_of = models.UUIDField(_("in favour of"), null=True)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    order_number = models.CharField(_("order or document"), max_length=120, blank=True)
    consent_number = models.CharField(
        _("consent of the first creditor"), max_length=120, blank=True
    )
    # whose order, since when, and what proves it: a court's freeze (I13)
    order_body = models.CharField(_("ordered by"), max_length=120, blank=True)
    begins_on = models.DateField(_("in force since"), null=True)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    # what keeps it, where another act of ours does ("holds.PendingTransfer:…"): only that ends it
    kept_by = models.CharField(_("kept by"), max_length=120, blank=True)
    expires_on = models.DateField(_("expires on"), null=True)
    placed_at = models.DateTimeField(_("placed at"))
    placed_by = models.UUIDField(_("placed by"))
    entry_id = models.UUIDField(_("entry"), null=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True)
    resolved_by = models.UUIDField(_("resolved by"), null=True)
    idempotency_key = models.CharField(max_length=250)
    request_digest = models.BinaryField(max_length=32)

    class Meta(StatefulTable.Meta):
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(fields=["stack_id", "rank"], name="hold_rank_once_in_a_stack"),
            models.UniqueConstraint(fields=["idempotency_key"], name="hold_key_once"),
            models.CheckConstraint(
                name="hold_remaining_between_zero_and_placed",
                condition=Q(remaining_count__gte=0, remaining_count__lte=F("unit_count")),
            ),
            models.CheckConstraint(
                name="hold_controlled_between_zero_and_remaining",
                condition=Q(controlled_count__gte=0, controlled_count__lte=F("remaining_count")),
            ),
            models.CheckConstraint(name="hold_units_positive", condition=Q(unit_count__gt=0)),
            models.CheckConstraint(
                name="hold_waiting_controls_nothing",
                condition=~Q(state=HoldState.WAITING) | Q(controlled_count=0),
            ),
            models.CheckConstraint(
                name="hold_resolved_holds_nothing",
                condition=Q(
                    state__in=sorted(LIVE),
                    remaining_count__gt=0,
                    resolved_at__isnull=True,
                    resolved_by__isnull=True,
                )
                | (
                    ~Q(state__in=sorted(LIVE))
                    & Q(remaining_count=0, resolved_at__isnull=False, resolved_by__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="hold_pledge_has_a_creditor",
                condition=~Q(kind=HoldKind.PLEDGE) | Q(in_favour_of__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_freeze_has_an_order",
                condition=~Q(kind=HoldKind.FREEZE) | ~Q(order_number=""),
            ),
            models.CheckConstraint(
                name="hold_kind_and_state_known",
                condition=Q(kind__in=HoldKind.values, state__in=HoldState.values),
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_on"], name="hold_due", condition=Q(state__in=sorted(LIVE))
            ),
            models.Index(fields=["account", "lot"], name="hold_by_account_and_lot"),
            models.Index(fields=["in_favour_of"], name="hold_by_creditor"),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(name="hold_moves_by_the_table", field="state", transitions=MOVES),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.remaining_count}/{self.unit_count}"


class Resolution(AppendOnlyTable):
    """Units that left a hold, and how. The last one of a hold ends it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hold = models.ForeignKey(
        Hold, on_delete=models.PROTECT, related_name="resolutions", verbose_name=_("hold")
    )
    state = models.CharField(_("outcome"), max_length=8, choices=HoldState)
    unit_count = models.BigIntegerField(_("units"))
    is_last = models.BooleanField(_("ends the hold"))
    entry_id = models.UUIDField(_("entry"), null=True)
    order_number = models.CharField(_("order or document"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"))
    resolved_by = models.UUIDField(_("resolved by"))
    idempotency_key = models.CharField(max_length=250)
    request_digest = models.BinaryField(max_length=32)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("resolution of a hold")
        verbose_name_plural = _("resolutions of holds")
        constraints = [
            models.UniqueConstraint(
                fields=["hold"], name="hold_ends_once", condition=Q(is_last=True)
            ),
            models.UniqueConstraint(fields=["idempotency_key"], name="resolution_key_once"),
            models.CheckConstraint(name="resolution_units_positive", condition=Q(unit_count__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.unit_count}"


class Renewal(AppendOnlyTable):
    """An order that keeps a freeze in force beyond its first end; its rank stays (I13)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hold = models.ForeignKey(
        Hold, on_delete=models.PROTECT, related_name="renewals", verbose_name=_("hold")
    )
    expired_on = models.DateField(_("would have ended on"))
    expires_on = models.DateField(_("expires on"))
    order_number = models.CharField(_("order or document"), max_length=120)
    order_body = models.CharField(_("ordered by"), max_length=120)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    renewed_at = models.DateTimeField(_("renewed at"))
    renewed_by = models.UUIDField(_("renewed by"))
    idempotency_key = models.CharField(max_length=250)
    request_digest = models.BinaryField(max_length=32)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="renewal_key_once"),
            models.CheckConstraint(
                name="renewal_ends_later", condition=Q(expires_on__gt=F("expired_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_number} → {day(self.expires_on)}"


class PendingTransfer(StatefulTable):
    """An approved transfer to a counterparty not yet trusted: its units wait, reserved."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hold = models.OneToOneField(
        Hold, on_delete=models.PROTECT, related_name="transfer", verbose_name=_("hold")
    )
    to_account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, verbose_name=_("receiving account")
    )
    state = models.CharField(
        _("state"), max_length=9, choices=TransferState, default=TransferState.WAITING
    )
    executes_on = models.DateField(_("goes out on"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    approval_id = models.UUIDField(_("approval"), null=True)
    # why the last try was refused, if it was: the code of the refusal
    refusal = models.CharField(_("held back by"), max_length=60, blank=True)
    asked_at = models.DateTimeField(_("asked for at"))
    asked_by = models.UUIDField(_("asked for by"))
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.UUIDField(_("settled by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("pending transfer")
        verbose_name_plural = _("pending transfers")
        constraints = [
            models.CheckConstraint(
                name="pendingtransfer_settled_with_moment_and_person",
                condition=Q(
                    state=TransferState.WAITING, settled_at__isnull=True, settled_by__isnull=True
                )
                | (
                    ~Q(state=TransferState.WAITING)
                    & Q(settled_at__isnull=False, settled_by__isnull=False)
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["executes_on"],
                name="pendingtransfer_due",
                condition=Q(state=TransferState.WAITING),
            )
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(
                name="transfer_moves_by_the_table",
                field="state",
                transitions=TRANSFER_MOVES,
            ),
            pgtrigger.ReadOnly(
                name="transfer_facts_never_change",
                exclude=["state", "refusal", "settled_at", "settled_by"],
            ),
        ]

    def __str__(self) -> str:
        return day(self.executes_on)
