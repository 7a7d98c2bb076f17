"""Cost policies, costs that were told, and entries as they were handed over."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.trades.models.dealing import money
from finance.trades.states import (
    Method,
    Order,
)
from ledger.doors.tables import AppendOnlyTable
from ledger.kernel.ids import new_id


class CostPolicy(AppendOnlyTable):
    """How a party finds the cost of what leaves, from a year on (R7.3, R7.4)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"))
    year = models.PositiveSmallIntegerField(_("from the year"))
    method = models.CharField(_("costing method"), max_length=16, choices=Method)
    order = models.CharField(_("order"), max_length=12, choices=Order)
    reason = models.CharField(_("reason"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)
    set_at = models.DateTimeField(_("set at"))
    set_by = models.UUIDField(_("set by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("cost policy")
        verbose_name_plural = _("cost policies")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["party_id", "year"], name="costpolicy_once_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.get_method_display()}"


class ToldCost(AppendOnlyTable):
    """What units cost that came without a trade, as an opening position. The last one counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"))
    entry_id = models.UUIDField(_("entry"))
    lot = models.ForeignKey(
        "ledger_units.Lot", on_delete=models.PROTECT, related_name="+", verbose_name=_("lot")
    )
    is_free = models.BooleanField(_("allocated free"))
    cost_cny = money(_("cost, CNY"))
    evidence = models.CharField(_("evidence"), max_length=300)
    told_at = models.DateTimeField(_("told at"))
    told_by = models.UUIDField(_("told by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("cost told")
        verbose_name_plural = _("costs told")
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="toldcost_key_once"),
            models.CheckConstraint(
                name="toldcost_free_costs_nothing",
                condition=Q(cost_cny__gte=0) & (Q(is_free=False) | Q(cost_cny=0)),
            ),
        ]
        indexes = [models.Index(fields=["party_id", "entry_id"], name="toldcost_by_entry")]

    def __str__(self) -> str:
        return f"{self.cost_cny} · {self.evidence}"


class EntryBatch(AppendOnlyTable):
    """Suggested entries as they were handed over; what is in a batch is not handed over again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"))
    number = models.PositiveIntegerField(_("number"))
    since = models.DateField(_("from day"))
    until = models.DateField(_("to day"))  # inclusive, as accountants write it
    entries = models.JSONField(_("entries"))
    entry_count = models.PositiveIntegerField(_("entries in it"))
    debit_cny = money(_("debits, CNY"))
    content_hash = models.CharField(_("hash of the entries"), max_length=64)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.UUIDField(_("made by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("batch of entries")
        verbose_name_plural = _("batches of entries")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="entrybatch_key_once"),
            models.UniqueConstraint(fields=["party_id", "number"], name="entrybatch_number_once"),
            models.CheckConstraint(
                name="entrybatch_hash_is_sha256", condition=Q(content_hash__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.since} – {self.until}"
