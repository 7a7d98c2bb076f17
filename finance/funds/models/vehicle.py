"""A fund, its classes of shares and its dated terms."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.funds.states import FeeBasis, FundKind, LegalForm, MoneyKind
from ledger.doors.tables import KeptTable, StatefulTable
from ledger.doors.wording import day, in_language
from ledger.kernel.ids import new_id


def money(label: Any, **more: Any) -> Any:
    """An amount in the fund's currency, in hundredths."""
    return models.DecimalField(label, max_digits=20, decimal_places=2, **more)


def shares(label: Any, **more: Any) -> Any:
    return models.DecimalField(label, max_digits=24, decimal_places=4, **more)


class Fund(StatefulTable):
    """A vehicle and who keeps its books. `vehicle_id` is the party that holds its units."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    manager_id = models.UUIDField(_("manager"), db_index=True)
    vehicle_id = models.UUIDField(_("party of the fund"), null=True)
    code = models.CharField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=16, choices=FundKind)
    legal_form = models.CharField(_("legal form"), max_length=12, choices=LegalForm)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    filing_number = models.CharField(_("filing number"), max_length=60, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"), null=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(StatefulTable.Meta):
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["manager_id", "code"], name="fund_code_once"),
            # I33: every lot belongs to one fund, because every account belongs to one party
            models.UniqueConstraint(fields=["vehicle_id"], name="fund_vehicle_once"),
            models.UniqueConstraint(fields=["idempotency_key"], name="finance_funds_fund_key_once"),
            models.CheckConstraint(
                name="fund_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
            ),
        ]
        # a row to lock by: what is written in one fund's books follows each other
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(name="fund_never_changes"),
        ]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class ShareClass(KeptTable):
    """A class of shares: whose money it is for."""

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="classes", verbose_name=_("fund")
    )
    code = models.CharField(_("code"), max_length=20)
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    money_kind = models.CharField(_("whose money"), max_length=8, choices=MoneyKind)

    class Meta(KeptTable.Meta):
        verbose_name = _("class of shares")
        verbose_name_plural = _("classes of shares")
        ordering = ["fund", "code"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(fields=["fund", "code"], name="shareclass_code_once"),
        ]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Terms(KeptTable):
    """Fee and carry of a fund from a day on; rates in basis points of a year."""

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="terms", verbose_name=_("fund")
    )
    valid_from = models.DateField(_("valid from"))
    fee_bps = models.PositiveIntegerField(_("management fee, basis points a year"))
    fee_basis = models.CharField(_("fee on"), max_length=10, choices=FeeBasis)
    hurdle_bps = models.PositiveIntegerField(_("preferred return, basis points a year"))
    carry_bps = models.PositiveIntegerField(
        pgettext_lazy("fund", "carried interest, basis points of the gain")
    )
    evidence = models.CharField(_("evidence"), max_length=300)

    class Meta(KeptTable.Meta):
        verbose_name = _("terms of a fund")
        verbose_name_plural = _("terms of funds")
        ordering = ["fund", "-valid_from"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(fields=["fund", "valid_from"], name="fund_terms_once_a_day"),
            models.CheckConstraint(
                name="fund_terms_rates_below_the_whole",
                condition=Q(fee_bps__lt=10_000, hurdle_bps__lt=10_000, carry_bps__lt=10_000),
            ),
        ]

    def __str__(self) -> str:
        return day(self.valid_from)
