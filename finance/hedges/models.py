"""Contracts on carbon units, what each day brought, and the margin paid. No units move by them."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.hedges.states import (
    OPTIONS,
    TRANSITIONS,
    ContractKind,
    ContractState,
    MarginKind,
    Side,
    Venue,
)
from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import day, number_format
from ledger.kernel.ids import new_id

MOVES = sorted((str(old), str(new)) for old, after in TRANSITIONS.items() for new in after)
LIFE = ["state", "ended_on", "end_price", "moved_at", "moved_by"]


class Contract(StatefulTable):
    """A future, forward or option. `price`: agreed price, or an option's strike."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    number = models.CharField(_("contract number"), max_length=80)
    kind = models.CharField(_("kind"), max_length=7, choices=ContractKind)
    side = models.CharField(_("side"), max_length=5, choices=Side)
    venue = models.CharField(pgettext_lazy("of a contract", "account"), max_length=7, choices=Venue)
    counterparty = models.CharField(_("exchange, broker or counterparty"), max_length=120)
    state = models.CharField(_("state"), max_length=9, choices=ContractState)
    scheme = models.CharField(_("instrument"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage"), null=True)
    for_year = models.PositiveSmallIntegerField(_("hedges the obligation year"), null=True)
    lots = models.PositiveIntegerField(_("contracts"))
    units_per_lot = models.PositiveIntegerField(_("units in a contract"))
    price = models.DecimalField(_("agreed price or strike"), max_digits=18, decimal_places=6)
    premium = models.DecimalField(
        _("premium of one unit"), max_digits=18, decimal_places=6, null=True
    )
    currency = models.CharField(_("currency"), max_length=3)
    margin_rate = models.DecimalField(_("margin rate"), max_digits=7, decimal_places=6)
    volatility = models.DecimalField(
        _("volatility a year"), max_digits=9, decimal_places=6, null=True
    )
    interest_rate = models.DecimalField(
        _("interest rate a year"), max_digits=9, decimal_places=6, null=True
    )
    opened_on = models.DateField(pgettext_lazy("of a hedge", "opened on"))
    last_day = models.DateField(_("last day"))
    is_physical = models.BooleanField(_("delivered in units"))
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    ended_on = models.DateField(pgettext_lazy("of a hedge", "ended on"), null=True)
    end_price = models.DecimalField(
        _("price at the end"), max_digits=18, decimal_places=6, null=True
    )
    approval_id = models.UUIDField(_("approval"), null=True)
    opened_at = models.DateTimeField(_("entered at"))
    opened_by = models.UUIDField(_("entered by"))
    moved_at = models.DateTimeField(_("last moved at"))
    moved_by = models.UUIDField(_("last moved by"))
    idempotency_key = models.CharField(max_length=250)
    request_digest = models.CharField(max_length=64)

    class Meta(StatefulTable.Meta):
        verbose_name = _("hedge")
        verbose_name_plural = _("hedges")
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="contract_key_once"),
            models.UniqueConstraint(fields=["party_id", "number"], name="contract_number_once"),
            models.CheckConstraint(
                name="contract_size_and_price_positive",
                condition=Q(lots__gt=0, units_per_lot__gt=0, price__gt=0, margin_rate__gte=0),
            ),
            models.CheckConstraint(
                name="contract_ends_not_before_it_opens",
                condition=Q(last_day__gte=F("opened_on")),
            ),
            models.CheckConstraint(
                name="option_has_its_terms",
                condition=~Q(kind__in=sorted(OPTIONS))
                | Q(premium__gte=0, volatility__gt=0, interest_rate__isnull=False),
            ),
            models.CheckConstraint(
                name="contract_ended_with_day_and_price",
                condition=Q(state=ContractState.OPEN, ended_on__isnull=True, end_price__isnull=True)
                | (
                    ~Q(state=ContractState.OPEN)
                    & Q(ended_on__isnull=False, end_price__isnull=False)
                ),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(name="contract_moves_by_the_table", field="state", transitions=MOVES),
            pgtrigger.ReadOnly(name="contract_terms_never_change", exclude=LIFE),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.get_kind_display()}"

    @property
    def unit_count(self) -> int:
        return self.lots * self.units_per_lot

    @property
    def is_option(self) -> bool:
        return self.kind in OPTIONS


class DailySettlement(AppendOnlyTable):
    """What a day brought: variation since the day before, the margin it requires, the value."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(
        Contract,
        on_delete=models.PROTECT,
        related_name="settlements",
        verbose_name=pgettext_lazy("of a hedge", "contract"),
    )
    settled_on = models.DateField(_("day"))
    version = models.PositiveSmallIntegerField(_("version"))
    price = models.DecimalField(_("settlement price"), max_digits=18, decimal_places=6)
    mark_id = models.UUIDField(_("mark"), null=True)
    variation = models.DecimalField(_("variation"), max_digits=18, decimal_places=2)
    margin_required = models.DecimalField(_("margin required"), max_digits=18, decimal_places=2)
    unit_value = models.DecimalField(
        _("value of one unit"), max_digits=18, decimal_places=6, null=True
    )
    # an option's greeks, as text with all their digits
    greeks = models.JSONField(_("greeks"), default=dict)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("daily settlement")
        verbose_name_plural = _("daily settlements")
        ordering = ["-settled_on", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "settled_on", "version"], name="daily_settlement_version_once"
            ),
            models.UniqueConstraint(fields=["idempotency_key"], name="daily_settlement_key_once"),
            models.CheckConstraint(
                name="daily_settlement_price_positive", condition=Q(price__gt=0)
            ),
            models.CheckConstraint(
                name="daily_settlement_correction_has_a_reason",
                condition=Q(version=1) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return day(self.settled_on)


class MarginPayment(AppendOnlyTable):
    """Margin paid in or taken out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(
        Contract,
        on_delete=models.PROTECT,
        related_name="payments",
        verbose_name=pgettext_lazy("of a hedge", "contract"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=MarginKind)
    amount = models.DecimalField(pgettext_lazy("money", "amount"), max_digits=18, decimal_places=2)
    paid_on = models.DateField(_("paid on"))
    evidence = models.CharField(_("evidence"), max_length=300)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("margin payment")
        verbose_name_plural = _("margin payments")
        ordering = ["-paid_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="marginpayment_key_once"),
            models.CheckConstraint(name="marginpayment_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {number_format(self.amount, 2)}"
