"""Brokers' statements, and which trade each line is about."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.trades.models.dealing import Trade, money
from finance.trades.states import (
    Side,
)
from ledger.doors.tables import StatefulTable
from ledger.doors.wording import day
from ledger.kernel.ids import new_id


class StatementLine(StatefulTable):
    """A line of a broker's or exchange's statement, as the file says it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    import_id = models.UUIDField(_("import"))
    row_number = models.PositiveIntegerField(_("row of the file"))
    side = models.CharField(_("side"), max_length=4, choices=Side)
    scheme = models.CharField(_("instrument"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage"), null=True)
    unit_count = models.BigIntegerField(_("units"))
    unit_price = models.DecimalField(_("price of a unit"), max_digits=18, decimal_places=4)
    gross_amount = money(pgettext_lazy("money", "amount"), null=True)
    fee_amount = money(pgettext_lazy("of a trade", "fees"), null=True)
    currency = models.CharField(_("currency"), max_length=3)
    traded_on = models.DateField(_("traded on"))
    reference = models.CharField(_("deal number"), max_length=80, blank=True)
    taken_at = models.DateTimeField(_("taken in at"))
    taken_by = models.UUIDField(_("taken in by"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.UUIDField(_("withdrawn by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("line of a broker's statement")
        verbose_name_plural = _("lines of brokers' statements")
        ordering = ["-traded_on", "row_number"]
        constraints = [
            models.UniqueConstraint(fields=["import_id", "row_number"], name="statementline_once"),
            models.CheckConstraint(
                name="statementline_withdrawn_by_somebody",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(
                name="line_facts_never_change", exclude=["withdrawn_at", "withdrawn_by"]
            ),
        ]

    def __str__(self) -> str:
        what = f"{self.scheme} {self.vintage_year or ''} · {self.unit_count:,}"
        return f"{day(self.traded_on)} {self.get_side_display()} {what}"


class Match(StatefulTable):
    """A line and the trade that it is about, and in what they differ."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    line = models.ForeignKey(
        StatementLine, on_delete=models.PROTECT, related_name="matches", verbose_name=_("line")
    )
    trade = models.ForeignKey(
        Trade, on_delete=models.PROTECT, related_name="matches", verbose_name=_("trade")
    )
    is_by_hand = models.BooleanField(_("matched by hand"))
    differences = models.JSONField(_("differences"), default=dict)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    matched_at = models.DateTimeField(_("matched at"))
    matched_by = models.UUIDField(_("matched by"))
    ended_at = models.DateTimeField(_("taken apart at"), null=True)
    ended_by = models.UUIDField(_("taken apart by"), null=True)
    end_reason = models.CharField(_("why taken apart"), max_length=300, blank=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [
            models.UniqueConstraint(
                fields=["line"], name="match_line_once", condition=Q(ended_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["trade"], name="match_trade_once", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="match_ended_by_somebody",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(
                name="match_facts_never_change", exclude=["ended_at", "ended_by", "end_reason"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} = {self.trade}"
