"""Prices as somebody typed them, and plans as they were saved. Nothing of both ever changes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable
from ledger.doors.wording import day
from ledger.kernel.ids import new_id


class Price(AppendOnlyTable):
    """What one unit of an instrument can be bought and sold for, on a day, by a source."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    scheme = models.CharField(_("instrument"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage"), null=True)
    buy_fen = models.BigIntegerField(_("buy, fen"), null=True)
    sell_fen = models.BigIntegerField(_("sell, fen"), null=True)
    available = models.BigIntegerField(_("units on offer"), null=True)
    quoted_on = models.DateField(_("price of the day"))
    source = models.CharField(_("source"), max_length=200)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["-quoted_on", "-recorded_at"]
        indexes = [
            models.Index(fields=["party_id", "scheme", "quoted_on"], name="price_by_instrument")
        ]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="price_key_once"),
            models.CheckConstraint(
                name="price_says_something",
                condition=Q(buy_fen__isnull=False) | Q(sell_fen__isnull=False),
            ),
            models.CheckConstraint(
                name="price_not_negative",
                condition=(Q(buy_fen__isnull=True) | Q(buy_fen__gte=0))
                & (Q(sell_fen__isnull=True) | Q(sell_fen__gte=0))
                & (Q(available__isnull=True) | Q(available__gte=0)),
            ),
            models.CheckConstraint(name="price_has_a_source", condition=~Q(source="")),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.vintage_year or ''} · {day(self.quoted_on)}"


class Plan(AppendOnlyTable):
    """A plan with everything it was made from: the same inputs give the same result, for ever."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    title = models.CharField(_("title"), max_length=120)
    planned_on = models.DateField(_("day of the plan"))
    years = models.CharField(_("obligation years"), max_length=120)
    inputs = models.JSONField(_("inputs"))
    steps = models.JSONField(_("what-if steps"))
    result = models.JSONField(_("result"))
    content_hash = models.CharField(_("hash of inputs and result"), max_length=64)
    open_t = models.BigIntegerField(_("to cover, t"))
    missing_t = models.BigIntegerField(_("missing, t"))
    paid_fen = models.BigIntegerField(_("to pay, fen"))
    total_fen = models.BigIntegerField(_("cost in all, fen"))
    made_at = models.DateTimeField(_("worked out at"))
    made_by = models.UUIDField(_("made by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("cover plan")
        verbose_name_plural = _("cover plans")
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="plan_key_once"),
            models.CheckConstraint(
                name="plan_missing_within_open",
                condition=Q(missing_t__gte=0, missing_t__lte=models.F("open_t")),
            ),
            models.CheckConstraint(
                name="plan_hash_is_sha256", condition=Q(content_hash__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)
