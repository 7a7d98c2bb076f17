"""Lots, serial blocks, entries, movements, positions: written by the posting functions alone."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.doors.tables import EngineTable
from ledger.doors.wording import day
from ledger.units.states import UnitState

STATES = [
    (UnitState.UNISSUED.value, _("unissued")),
    (UnitState.FREE.value, _("free")),
    (UnitState.RESERVED.value, _("reserved")),
    (UnitState.PLEDGED.value, _("pledged")),
    (UnitState.FROZEN.value, _("frozen")),
    (UnitState.LENT.value, _("lent")),
    (UnitState.IN_TRANSIT.value, _("in transit")),
    (UnitState.RETIRED.value, _("retired")),
    (UnitState.SURRENDERED.value, _("surrendered")),
    (UnitState.CANCELLED.value, _("cancelled")),
    (UnitState.EXPIRED.value, _("expired")),
    (UnitState.CARRIED_OVER.value, _("carried over")),
]


# other rooms name kinds of their own: these are the ones that have a name to be shown
KINDS = [
    ("ISSUE", _("issue")),
    ("TRANSFER", _("transfer")),
    ("MOVE", _("internal transfer")),
    ("RETIRE", _("retirement")),
    ("SURRENDER", _("surrender")),
    ("CANCEL", _("cancellation")),
    ("EXPIRE", _("expiry")),
    ("CARRY_OVER", _("carry-over")),
    ("REVERSE", _("reversal")),
    ("CORRECTION", _("correction")),
    ("HOLD_RESERVE", _("reservation")),
    ("HOLD_PLEDGE", _("pledge")),
    ("HOLD_FREEZE", _("freeze")),
    ("HOLD_LEND", _("lending")),
    ("HOLD_RELEASED", _("hold released")),
    ("HOLD_CAPTURED", _("hold captured")),
    ("HOLD_EXPIRED", _("hold expired")),
]


class SerialSpace(EngineTable):
    """Within one space a serial number exists once: registry, programme and batch prefix."""

    id = models.BigAutoField(primary_key=True)
    registry = models.CharField(_("registry"), max_length=60)
    programme = models.CharField(_("programme"), max_length=60)
    prefix = models.CharField(_("serial prefix"), max_length=120, blank=True)

    class Meta(EngineTable.Meta):
        verbose_name = _("serial space")
        verbose_name_plural = _("serial spaces")
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "programme", "prefix"], name="serialspace_once"
            )
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.registry, self.programme, self.prefix) if part)


class Lot(EngineTable):
    """Units of one instrument, vintage, project and origin. Its facts never change."""

    id = models.UUIDField(primary_key=True, editable=False)
    code = models.CharField(_("lot code"), max_length=80)
    scheme = models.CharField(_("scheme"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage year"))
    project_id = models.UUIDField(_("project"), null=True)
    plant_id = models.UUIDField(_("plant"), null=True)
    generated_from = models.DateField(_("generated from"), null=True)
    generated_to = models.DateField(_("generated to (exclusive)"), null=True)
    expires_on = models.DateField(_("expires on"), null=True)
    space = models.ForeignKey(
        SerialSpace, on_delete=models.PROTECT, null=True, verbose_name=_("serial space")
    )
    traits = models.JSONField(_("traits"), default=dict)
    event_id = models.UUIDField()
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.UUIDField(_("opened by"))

    class Meta(EngineTable.Meta):
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="lot_code_once"),
            models.CheckConstraint(
                name="lot_generation_both_or_none",
                condition=Q(generated_from=None, generated_to=None)
                | Q(generated_from__lt=F("generated_to")),
            ),
        ]
        indexes = [models.Index(fields=["scheme", "vintage_year"], name="lot_by_scheme")]

    def __str__(self) -> str:
        return self.code


# A trigger, not a check: it looks at new rows only, and balances change all the time.
STATE_KNOWN = pgtrigger.Trigger(
    name="state_known",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=~pgtrigger.Q(new__state__in=[state.value for state in UnitState]),
    func="RAISE EXCEPTION USING ERRCODE = 'TZ007', MESSAGE = 'unknown state', DETAIL = '{}';",
)


class Position(EngineTable):
    """How many units of a lot an account has in one state. Never typed, only moved."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.UUIDField(_("account"))
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, verbose_name=_("lot"))
    state = models.CharField(_("state"), max_length=12, choices=STATES)
    quantity = models.BigIntegerField(_("units"))
    # a movement dated before this day was recorded late: see Movement.from_late
    last_on = models.DateField(_("last moved on"))
    # the lot's, repeated so that a posting need not read the lot
    space = models.ForeignKey(
        SerialSpace, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta(EngineTable.Meta):
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.UniqueConstraint(fields=["account_id", "lot", "state"], name="position_once"),
            models.CheckConstraint(
                name="position_not_negative",
                condition=Q(quantity__gte=0) | Q(state=UnitState.UNISSUED.value),
            ),
        ]
        triggers = [STATE_KNOWN]

    def __str__(self) -> str:
        return f"{self.quantity:,} · {self.get_state_display()}"


class Entry(EngineTable):
    """One posting: what happened, once. Its id is the id of the event that carries its body."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(_("kind"), max_length=30, choices=KINDS)
    happened_on = models.DateField(_("happened on"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(_("idempotency key"), max_length=250)
    request_digest = models.BinaryField(max_length=32)
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("reverses"),
    )
    approval_id = models.UUIDField(_("approval"), null=True)
    xid = models.BigIntegerField()

    class Meta(EngineTable.Meta):
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="entry_key_once"),
            # of the few reversals only: the others need not be written into an index
            models.UniqueConstraint(
                fields=["reverses"], name="entry_reversed_once", condition=Q(reverses__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {day(self.happened_on)}"


class Movement(EngineTable):
    """Units leave one position and reach another: both sides in one row, so always balanced.

    `id` grows in recorded order within each position. Late: dated before the position's last day;
    a position as of a day is the balance of the last movement that is not late, and the late ones
    recorded after it.
    """

    id = models.BigAutoField(primary_key=True)
    # No foreign keys in the database: the posting function writes what RETURNING gave it a
    # moment ago, nothing above is ever deleted, and `verify_ledger` compares all of it.
    entry = models.ForeignKey(
        Entry,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        verbose_name=_("entry"),
    )
    line = models.IntegerField(_("line"))
    lot = models.ForeignKey(
        Lot,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        verbose_name=_("lot"),
    )
    from_position = models.ForeignKey(
        Position,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=pgettext_lazy("movement", "from"),
    )
    to_position = models.ForeignKey(
        Position,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("to"),
    )
    unit_count = models.BigIntegerField(_("units"))
    from_balance = models.BigIntegerField(_("balance left"))
    to_balance = models.BigIntegerField(_("balance reached"))
    first_serial = models.BigIntegerField(_("first serial"), null=True)
    last_serial = models.BigIntegerField(_("last serial"), null=True)
    from_hold_id = models.UUIDField(null=True)
    to_hold_id = models.UUIDField(null=True)
    happened_on = models.DateField(_("happened on"))
    from_late = models.BooleanField(default=False)
    to_late = models.BooleanField(default=False)

    class Meta(EngineTable.Meta):
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        constraints = [
            models.UniqueConstraint(fields=["entry", "line"], name="movement_once"),
            # One for three, and short: its text is read anew by every INSERT. Without serials the
            # last part is unknown, which a check lets pass.
            models.CheckConstraint(
                name="movement_is_whole",
                condition=Q(unit_count__gt=0)
                & ~Q(from_position=F("to_position"))
                & Q(unit_count=F("last_serial") - F("first_serial") + 1),
            ),
        ]
        indexes = [
            models.Index("from_position", "happened_on", "id", name="movement_from"),
            models.Index("to_position", "happened_on", "id", name="movement_to"),
            models.Index(
                "lot", "id", name="movement_late", condition=Q(from_late=True) | Q(to_late=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_count}"


class Block(EngineTable):
    """A run of serial numbers that is in one position now. The blocks of a space never overlap."""

    id = models.BigAutoField(primary_key=True)
    space = models.ForeignKey(
        SerialSpace, on_delete=models.PROTECT, db_index=False, verbose_name=_("serial space")
    )
    first_serial = models.BigIntegerField(_("first serial"))
    last_serial = models.BigIntegerField(_("last serial"))
    position = models.ForeignKey(
        Position, on_delete=models.PROTECT, db_index=False, verbose_name=_("position")
    )
    hold_id = models.UUIDField(_("hold"), null=True)
    transfer_count = models.SmallIntegerField(_("transfers so far"), default=0)

    class Meta(EngineTable.Meta):
        verbose_name = _("serial block")
        verbose_name_plural = _("serial blocks")
        constraints = [
            models.CheckConstraint(
                name="block_serials_in_order",
                condition=Q(first_serial__gte=0, last_serial__gte=F("first_serial")),
            ),
            ExclusionConstraint(
                name="block_serials_never_overlap",
                expressions=[
                    ("space", RangeOperators.EQUAL),
                    (
                        Func("first_serial", "last_serial", Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index("position", "first_serial", name="block_by_position")]

    def __str__(self) -> str:
        return f"{self.first_serial}–{self.last_serial}"
