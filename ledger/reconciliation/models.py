"""Statements of registries, comparisons, breaks and what was done about them."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import day, moment
from ledger.kernel.ids import new_id
from ledger.reconciliation.states import TRANSITIONS, BreakKind, BreakState

MOVES = sorted((str(old), str(new)) for old, after in TRANSITIONS.items() for new in after)
OPEN = sorted(set(BreakState.values) - {BreakState.CLOSED.value})


class Statement(AppendOnlyTable):
    """What a registry says that an account held at a moment, and of what it speaks at all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, verbose_name=_("account")
    )
    registry = models.CharField(_("registry"), max_length=30)
    as_of_at = models.DateTimeField(_("as of"))
    as_of_on = models.DateField(_("day"))
    import_id = models.UUIDField(_("import"), null=True)
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    coverage = models.JSONField(_("speaks of"))
    line_count = models.BigIntegerField(_("lines"))
    unit_count = models.BigIntegerField(_("units"))
    # over every part and line, as `queries.digest_of_lines` reads them again
    lines_digest = models.CharField(_("digest of its lines"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("registry statement")
        verbose_name_plural = _("registry statements")
        indexes = [models.Index(fields=["account", "-as_of_at"], name="statement_newest")]

    def __str__(self) -> str:
        return f"{self.registry} {day(self.as_of_on)}"


class StatementPart(AppendOnlyTable):
    """Lines of a statement that are alike in all but their serial numbers."""

    id = models.BigAutoField(primary_key=True)
    statement = models.ForeignKey(
        Statement,
        on_delete=models.PROTECT,
        related_name="parts",
        verbose_name=pgettext_lazy("of a registry", "statement"),
    )
    number = models.IntegerField(_("part"))
    scheme = models.CharField(_("scheme"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage year"))
    state = models.CharField(_("state"), max_length=12)
    project_code = models.CharField(_("project"), max_length=60, blank=True)
    registry = models.CharField(_("registry"), max_length=60, blank=True)
    programme = models.CharField(_("programme"), max_length=60, blank=True)
    prefix = models.CharField(_("serial prefix"), max_length=120, blank=True)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("part of a statement")
        verbose_name_plural = _("parts of statements")
        constraints = [
            models.UniqueConstraint(fields=["statement", "number"], name="statement_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.vintage_year} {self.state}"


class StatementLine(AppendOnlyTable):
    """One line: a run of serial numbers, or a quantity alone."""

    id = models.BigAutoField(primary_key=True)
    # No foreign keys in the database: a million lines arrive in one COPY together with their
    # statement, and nothing above is ever deleted.
    statement = models.ForeignKey(
        Statement,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="lines",
        verbose_name=pgettext_lazy("of a registry", "statement"),
    )
    part_number = models.IntegerField(_("part"))
    first_serial = models.BigIntegerField(_("first serial"), null=True)
    last_serial = models.BigIntegerField(_("last serial"), null=True)
    quantity = models.BigIntegerField(_("units"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        constraints = [
            models.CheckConstraint(
                name="statement_line_is_whole",
                condition=Q(quantity__gt=0)
                & (
                    Q(first_serial=None, last_serial=None)
                    | Q(
                        first_serial__gte=0,
                        quantity=F("last_serial") - F("first_serial") + 1,
                    )
                ),
            ),
        ]
        indexes = [models.Index(fields=["statement"], name="statement_lines")]

    def __str__(self) -> str:
        return f"{self.quantity}"


class Withdrawal(AppendOnlyTable):
    """A statement that is no longer held against the books: it was the wrong file."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    statement = models.OneToOneField(
        Statement,
        on_delete=models.PROTECT,
        verbose_name=pgettext_lazy("of a registry", "statement"),
    )
    reason = models.CharField(_("reason"), max_length=300)
    withdrawn_at = models.DateTimeField(_("withdrawn at"))
    withdrawn_by = models.UUIDField(_("withdrawn by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("withdrawal of a statement")
        verbose_name_plural = _("withdrawals of statements")

    def __str__(self) -> str:
        return self.reason


class Comparison(AppendOnlyTable):
    """One statement held against the books of its day, and what came out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    statement = models.ForeignKey(
        Statement,
        on_delete=models.PROTECT,
        verbose_name=pgettext_lazy("of a registry", "statement"),
    )
    line_count = models.BigIntegerField(_("lines"))
    our_count = models.BigIntegerField(_("units here"))
    their_count = models.BigIntegerField(_("units there"))
    # scheme, vintage, state, units here, units there: one line for each cell that was compared
    totals = models.JSONField(_("totals"), default=list)
    difference_count = models.IntegerField(_("differences"))
    new_count = models.IntegerField(_("new breaks"))
    reopened_count = models.IntegerField(_("reopened breaks"))
    vanished_count = models.IntegerField(_("vanished breaks"))
    compared_at = models.DateTimeField(_("compared at"))
    compared_by = models.UUIDField(_("compared by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        indexes = [models.Index(fields=["statement", "-compared_at"], name="comparison_newest")]

    def __str__(self) -> str:
        return f"{moment(self.compared_at)} · {self.difference_count}"


class Break(StatefulTable):
    """A difference between a statement and our books, until it is closed.

    `identity` is the difference itself: on the next statement it is the same break. `vanished_at`:
    the newest comparison did not see it any more, so it is proposed for closure.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    identity = models.BinaryField(max_length=32)
    account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=13, choices=BreakKind)
    state = models.CharField(_("state"), max_length=10, choices=BreakState)
    scheme = models.CharField(_("scheme"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage year"))
    project_code = models.CharField(_("project"), max_length=60, blank=True)
    our_state = models.CharField(_("our state of the units"), max_length=12, blank=True)
    their_state = models.CharField(_("their state of the units"), max_length=12, blank=True)
    # where the statement tells another scheme, vintage or project of the same serials
    their_scheme = models.CharField(_("scheme there"), max_length=30, blank=True)
    their_vintage_year = models.PositiveSmallIntegerField(_("vintage there"), null=True)
    their_project_code = models.CharField(_("project there"), max_length=60, blank=True)
    space = models.JSONField(_("serial space"), null=True)
    first_serial = models.BigIntegerField(_("first serial"), null=True)
    last_serial = models.BigIntegerField(_("last serial"), null=True)
    our_count = models.BigIntegerField(_("units here"))
    their_count = models.BigIntegerField(_("units there"))
    unit_count = models.BigIntegerField(_("size"))
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, verbose_name=_("statement that showed it last")
    )
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.UUIDField(_("opened by"))
    owner_id = models.UUIDField(_("in charge"), null=True)
    vanished_at = models.DateTimeField(_("vanished at"), null=True)
    vanished_by = models.UUIDField(_("found gone by"), null=True)
    entry_id = models.UUIDField(_("correcting entry"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.UUIDField(_("closed by"), null=True)
    reopened_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)

    class Meta(StatefulTable.Meta):
        verbose_name = _("break")
        verbose_name_plural = _("breaks")
        constraints = [
            models.UniqueConstraint(fields=["identity"], name="break_same_difference_once"),
            models.CheckConstraint(
                name="break_kind_and_state_known",
                condition=Q(kind__in=BreakKind.values, state__in=BreakState.values),
            ),
            models.CheckConstraint(name="break_has_a_size", condition=Q(unit_count__gt=0)),
            models.CheckConstraint(
                name="break_closed_with_moment_and_person",
                condition=Q(
                    state=BreakState.CLOSED, closed_at__isnull=False, closed_by__isnull=False
                )
                | (~Q(state=BreakState.CLOSED) & Q(closed_at=None, closed_by=None)),
            ),
            models.CheckConstraint(
                name="break_in_work_has_an_owner",
                condition=Q(state__in=[BreakState.OPEN, BreakState.CLOSED])
                | Q(owner_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "scheme", "vintage_year"],
                name="break_open_in_account",
                condition=Q(state__in=OPEN),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(name="break_moves_by_the_table", field="state", transitions=MOVES),
        ]

    def __str__(self) -> str:
        return (
            f"{self.scheme} {self.vintage_year} · {self.get_kind_display()} · {self.unit_count:,}"
        )


class BreakNote(AppendOnlyTable):
    """A comment, an explanation or a file of evidence. The log keeps the hash of its words."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    of_break = models.ForeignKey(
        Break, on_delete=models.PROTECT, related_name="notes", verbose_name=_("break")
    )
    text = models.TextField(_("text"), blank=True)
    file_id = models.UUIDField(_("file"), null=True)
    written_at = models.DateTimeField(_("written at"))
    written_by = models.UUIDField(_("written by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("note on a break")
        verbose_name_plural = _("notes on breaks")

    def __str__(self) -> str:
        return self.text[:60]


class Override(AppendOnlyTable):
    """Two persons let a blocked vintage move for a few days, in spite of its open breaks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, verbose_name=_("account")
    )
    scheme = models.CharField(_("scheme"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage year"))
    reason = models.CharField(_("reason"), max_length=300)
    break_ids = models.JSONField(_("breaks open then"))
    valid_from = models.DateField(_("valid from"))
    expires_on = models.DateField(_("first day without it"))
    # null: granted before deadlines were kept
    deadline_on = models.DateField(_("deadline"), null=True)
    approval_id = models.UUIDField(_("approval"))
    asked_by = models.UUIDField(_("asked for by"))
    granted_at = models.DateTimeField(_("granted at"))
    granted_by = models.UUIDField(_("granted by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("override of a block")
        verbose_name_plural = _("overrides of blocks")
        constraints = [
            models.CheckConstraint(
                name="override_ends_after_it_begins", condition=Q(expires_on__gt=F("valid_from"))
            ),
            models.CheckConstraint(
                name="override_by_two_persons", condition=~Q(asked_by=F("granted_by"))
            ),
        ]
        indexes = [
            models.Index(fields=["account", "scheme", "vintage_year"], name="override_of_a_vintage")
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.vintage_year} – {day(self.expires_on)}"
