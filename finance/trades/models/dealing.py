"""What was agreed, what was settled of it, and what was taken back."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.trades.states import (
    TRANSITIONS,
    BandVerdict,
    Draw,
    Mode,
    Outcome,
    Side,
    TradeState,
    VatKind,
)
from ledger.doors.figures import exact
from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import day
from ledger.kernel.ids import new_id

MOVES = sorted((str(old), str(new)) for old, after in TRANSITIONS.items() for new in after)


def money(title: Any, **more: Any) -> "models.DecimalField[Any, Any]":
    """An amount to the fen (or cent); its currency stands beside it, or is CNY by its name."""
    return models.DecimalField(title, max_digits=22, decimal_places=2, **more)


class Trade(StatefulTable):
    """What was agreed. Only its state, what is settled and the day of settlement ever change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    side = models.CharField(_("side"), max_length=4, choices=Side)
    mode = models.CharField(_("kind of trade"), max_length=8, choices=Mode)
    state = models.CharField(
        _("state"), max_length=12, choices=TradeState, default=TradeState.AGREED
    )
    scheme = models.CharField(_("instrument"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage"))
    unit_count = models.BigIntegerField(_("units"))
    settled_count = models.BigIntegerField(_("units settled"), default=0)
    account = models.ForeignKey(
        "ledger_accounts.Account",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("own account"),
    )
    lot = models.ForeignKey(
        "ledger_units.Lot",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("lot"),
    )
    counterparty = models.CharField(_("counterparty"), max_length=120, blank=True)
    counter_account_number = models.CharField(
        _("counterparty's account"), max_length=60, blank=True
    )
    venue = models.CharField(_("exchange or broker"), max_length=120, blank=True)
    reference = models.CharField(_("deal number"), max_length=80, blank=True)
    traded_on = models.DateField(_("traded on"))
    settles_on = models.DateField(_("settles on"))
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    rate_cny = models.DecimalField(
        _("CNY for one of the currency"), max_digits=18, decimal_places=8, default=1
    )
    unit_price = models.DecimalField(_("price of a unit"), max_digits=18, decimal_places=4)
    gross_amount = money(pgettext_lazy("money", "amount"))
    vat_kind = models.CharField(_("VAT"), max_length=9, choices=VatKind, default=VatKind.NONE)
    vat_rate = models.DecimalField(_("rate of VAT"), max_digits=6, decimal_places=4, default=0)
    vat_amount = money(_("VAT amount"), default=0)
    is_vat_deductible = models.BooleanField(_("VAT is deductible"), default=False)
    fee_amount = money(pgettext_lazy("of a trade", "fees"), default=0)
    tax_amount = money(_("other taxes"), default=0)
    cash_amount = money(_("paid or received"))
    booked_cny = money(_("cost or income, CNY"))
    draw = models.CharField(_("which units"), max_length=6, choices=Draw, default=Draw.POLICY)
    picks = models.JSONField(_("cost lots named"), default=list)
    previous_close = models.DecimalField(
        _("previous close"), max_digits=18, decimal_places=4, null=True
    )
    band_verdict = models.CharField(_("limits of the day"), max_length=12, choices=BandVerdict)
    band = models.JSONField(_("limits and their rule"), default=dict)
    hold_id = models.UUIDField(_("reservation"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    approval_id = models.UUIDField(_("approval"), null=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    moved_at = models.DateTimeField(_("last step at"))
    moved_by = models.UUIDField(_("last step by"))
    idempotency_key = models.CharField(max_length=250)
    request_digest = models.BinaryField(max_length=32)

    class Meta(StatefulTable.Meta):
        verbose_name = _("trade")
        verbose_name_plural = _("trades")
        ordering = ["-traded_on", "-recorded_at"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="trade_key_once"),
            models.CheckConstraint(
                name="trade_units_positive",
                condition=Q(
                    unit_count__gt=0, settled_count__gte=0, settled_count__lte=F("unit_count")
                ),
            ),
            models.CheckConstraint(
                name="trade_settled_in_full",
                condition=~Q(state=TradeState.SETTLED) | Q(settled_count=F("unit_count")),
            ),
            models.CheckConstraint(
                name="trade_nothing_stands_when_cancelled",
                condition=~Q(state=TradeState.CANCELLED) | Q(settled_count=0),
            ),
            models.CheckConstraint(
                name="trade_settles_not_before_it_is_made",
                condition=Q(settles_on__gte=F("traded_on")),
            ),
            models.CheckConstraint(
                name="trade_amounts_not_negative",
                condition=Q(
                    unit_price__gt=0,
                    rate_cny__gt=0,
                    gross_amount__gte=0,
                    vat_amount__gte=0,
                    fee_amount__gte=0,
                    tax_amount__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="trade_sale_names_its_lot",
                condition=~Q(side=Side.SELL) | Q(lot__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["party_id", "traded_on"], name="trade_by_party_and_day")]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(name="trade_moves_by_the_table", field="state", transitions=MOVES),
            pgtrigger.ReadOnly(
                name="trade_facts_never_change",
                exclude=["state", "settled_count", "settles_on", "hold_id", "moved_at", "moved_by"],
            ),
        ]

    def __str__(self) -> str:
        what = f"{self.scheme} {self.vintage_year} · {self.unit_count:,}"
        price = exact(self.unit_price)
        return f"{day(self.traded_on)} {self.get_side_display()} {what} × {price}"


class Settlement(AppendOnlyTable):
    """An attempt to settle: units against money, each part with its share of the amounts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    trade = models.ForeignKey(
        Trade, on_delete=models.PROTECT, related_name="settlements", verbose_name=_("trade")
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    unit_count = models.BigIntegerField(_("units"))
    settled_on = models.DateField(pgettext_lazy("of a trade", "settled on"))
    lot = models.ForeignKey(
        "ledger_units.Lot",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("lot"),
    )
    entry_id = models.UUIDField(_("entry"), null=True)
    gross_amount = money(pgettext_lazy("money", "amount"), default=0)
    vat_amount = money(_("VAT amount"), default=0)
    fee_amount = money(pgettext_lazy("of a trade", "fees"), default=0)
    tax_amount = money(_("other taxes"), default=0)
    cash_amount = money(_("paid or received"), default=0)
    cash_cny = money(_("paid or received, CNY"), default=0)
    booked_cny = money(_("cost or income, CNY"), default=0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    approval_id = models.UUIDField(_("approval"), null=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)
    request_digest = models.BinaryField(max_length=32)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("settlement of a trade")
        verbose_name_plural = _("settlements of trades")
        ordering = ["-settled_on", "-recorded_at"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="settlement_key_once"),
            models.CheckConstraint(name="settlement_units_positive", condition=Q(unit_count__gt=0)),
            models.CheckConstraint(
                name="settlement_delivered_by_an_entry",
                condition=Q(outcome=Outcome.FAILED, entry_id__isnull=True)
                | Q(outcome=Outcome.SETTLED, entry_id__isnull=False, lot__isnull=False),
            ),
            models.CheckConstraint(
                name="settlement_failure_has_a_reason",
                condition=~Q(outcome=Outcome.FAILED) | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(fields=["entry_id", "lot"], name="settlement_by_entry")]

    def __str__(self) -> str:
        return f"{day(self.settled_on)} {self.get_outcome_display()} {self.unit_count:,}"


class Undoing(AppendOnlyTable):
    """A settlement taken back: its entry reversed, units and money go the other way."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    settlement = models.OneToOneField(
        Settlement,
        on_delete=models.PROTECT,
        related_name="undoing",
        verbose_name=_("settlement of a trade"),
    )
    entry_id = models.UUIDField(_("entry"))
    undone_on = models.DateField(_("reversed on"))
    reason = models.CharField(_("reason"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("reversal of a settlement")
        verbose_name_plural = _("reversals of settlements")

    def __str__(self) -> str:
        return f"{day(self.undone_on)} {self.reason}"
