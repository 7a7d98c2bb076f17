"""The fund's cash book, its investments and their values, and its net asset values."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.funds.models.capital import CallLine, DistributionLine
from finance.funds.models.vehicle import Fund, money, shares
from finance.funds.states import ABOUT_AN_INVESTMENT, COMES_IN, CashKind, InvestmentKind
from ledger.doors.tables import KeptTable
from ledger.doors.wording import day, in_language

INS = sorted(one.value for one in COMES_IN)
OUTS = sorted(one.value for one in CashKind if one not in COMES_IN)

# The book is gapless and its balance runs on: what is not there cannot be paid. Nor is more paid
# in than a call's line asks for, nor more put into an investment than was approved.
BOOK_RUNS_ON = """
PERFORM 1 FROM finance_funds_fund WHERE id = NEW.fund_id FOR UPDATE;
IF NEW.balance <> NEW.amount + coalesce((SELECT balance FROM finance_funds_cashentry
        WHERE fund_id = NEW.fund_id AND number = NEW.number - 1), 0)
   OR (NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM finance_funds_cashentry
        WHERE fund_id = NEW.fund_id AND number = NEW.number - 1))
THEN RAISE EXCEPTION 'the cash book does not run on' USING ERRCODE = 'check_violation';
END IF;
IF NEW.call_line_id IS NOT NULL AND NEW.amount
   + (SELECT coalesce(sum(amount), 0) FROM finance_funds_cashentry
      WHERE call_line_id = NEW.call_line_id)
   > (SELECT amount FROM finance_funds_callline WHERE id = NEW.call_line_id)
THEN RAISE EXCEPTION 'more is paid in than was called' USING ERRCODE = 'check_violation';
END IF;
IF NEW.investment_id IS NOT NULL AND NEW.kind IN ('INVESTED', 'GRANT')
   AND (SELECT coalesce(-sum(amount), 0) FROM finance_funds_cashentry
        WHERE investment_id = NEW.investment_id AND kind IN ('INVESTED', 'GRANT')) - NEW.amount
   > (SELECT approved_amount FROM finance_funds_investment WHERE id = NEW.investment_id)
THEN RAISE EXCEPTION 'more is invested than was approved' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class Investment(KeptTable):
    """What the fund's money goes into, and how much was approved for it. A grant has no value."""

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="investments", verbose_name=_("fund")
    )
    code = models.CharField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=8, choices=InvestmentKind)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    party_id = models.UUIDField(_("party"), null=True)
    approved_amount = money(_("approved amount"))
    approved_on = models.DateField(_("approved on"))
    text = models.CharField(_("note"), max_length=300, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("investment")
        verbose_name_plural = _("investments")
        ordering = ["fund", "code"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(fields=["fund", "code"], name="investment_code_once"),
            models.CheckConstraint(
                name="investment_amount_positive", condition=Q(approved_amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Valuation(KeptTable):
    """What an investment is worth on a day; of one day the newest counts."""

    investment = models.ForeignKey(
        Investment,
        on_delete=models.PROTECT,
        related_name="valuations",
        verbose_name=_("investment"),
    )
    valued_on = models.DateField(_("valued on"))
    amount = money(pgettext_lazy("fund", "value"))
    method = models.CharField(_("method"), max_length=200)
    evidence = models.CharField(_("evidence"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("valuation")
        verbose_name_plural = _("valuations")
        ordering = ["-valued_on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.CheckConstraint(name="valuation_not_negative", condition=Q(amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.investment} · {day(self.valued_on)}"


class CashEntry(KeptTable):
    """A line of the fund's cash book: money in is positive. `balance`: after it, as recorded."""

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="cash", verbose_name=_("fund")
    )
    number = models.PositiveIntegerField(_("number"))
    happened_on = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=16, choices=CashKind)
    amount = money(pgettext_lazy("money", "amount"))
    balance = money(_("balance"))
    shares = shares(_("shares issued"), default=0)
    call_line = models.ForeignKey(
        CallLine,
        on_delete=models.PROTECT,
        null=True,
        related_name="payments",
        verbose_name=_("line of a call"),
    )
    distribution_line = models.ForeignKey(
        DistributionLine,
        on_delete=models.PROTECT,
        null=True,
        related_name="payments",
        verbose_name=_("line of a distribution"),
    )
    investment = models.ForeignKey(
        Investment,
        on_delete=models.PROTECT,
        null=True,
        related_name="cash",
        verbose_name=_("investment"),
    )
    entry_id = models.UUIDField(_("entry of the unit ledger"), null=True)
    text = models.CharField(_("note"), max_length=300, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, verbose_name=_("takes back")
    )
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("line of the cash book")
        verbose_name_plural = _("cash books")
        ordering = ["-happened_on", "-number"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(fields=["fund", "number"], name="cashentry_number_once"),
            models.CheckConstraint(name="cash_never_below_nought", condition=Q(balance__gte=0)),
            models.CheckConstraint(
                name="cash_has_the_sign_of_its_kind",
                condition=Q(reverses__isnull=True, kind__in=INS, amount__gt=0)
                | Q(reverses__isnull=True, kind__in=OUTS, amount__lt=0)
                | Q(reverses__isnull=False, kind__in=INS, amount__lt=0)
                | Q(reverses__isnull=False, kind__in=OUTS, amount__gt=0),
            ),
            models.CheckConstraint(
                name="cash_says_what_it_is_about",
                condition=Q(kind=CashKind.PAID_IN, call_line__isnull=False)
                | Q(kind=CashKind.DISTRIBUTED, distribution_line__isnull=False)
                | Q(kind__in=sorted(ABOUT_AN_INVESTMENT), investment__isnull=False)
                | ~Q(
                    kind__in=sorted({CashKind.PAID_IN, CashKind.DISTRIBUTED, *ABOUT_AN_INVESTMENT})
                ),
            ),
        ]
        indexes = [models.Index(fields=["fund", "happened_on"], name="cash_by_day")]
        triggers = [
            *KeptTable.Meta.triggers,
            pgtrigger.Trigger(
                name="book_runs_on",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=BOOK_RUNS_ON,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund.code} · {self.number}"


class Nav(KeptTable):
    """A net asset value as it was published, with its parts; a correction is a further version."""

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="navs", verbose_name=_("fund")
    )
    valued_on = models.DateField(_("valued on"))
    version = models.PositiveIntegerField(_("version"))
    parts = models.JSONField(_("parts"))
    cash = money(_("cash"))
    units_value = money(_("carbon units"))
    stakes_value = money(_("investments"))
    fee_owed = money(_("management fee owed"))
    carry_owed = money(_("carried interest owed"))
    net_assets = money(_("net assets"))
    shares = shares(_("shares"))
    per_share = models.DecimalField(
        _("net asset value per share"), max_digits=18, decimal_places=6, null=True
    )
    cash_number = models.PositiveIntegerField(_("cash book up to line"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("net asset value")
        verbose_name_plural = _("net asset values")
        ordering = ["-valued_on", "-version"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["fund", "valued_on", "version"], name="nav_version_once"
            ),
            models.CheckConstraint(
                name="nav_is_the_sum_of_its_parts",
                condition=Q(
                    net_assets=F("cash")
                    + F("units_value")
                    + F("stakes_value")
                    - F("fee_owed")
                    - F("carry_owed")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund.code} · {day(self.valued_on)}"


class IndexLevel(KeptTable):
    """The level of a public index on a day, for comparison (KS-PME)."""

    party_id = models.UUIDField(_("party"), db_index=True)
    code = models.CharField(_("index"), max_length=40)
    on = models.DateField(_("day"))
    level = models.DecimalField(_("level"), max_digits=18, decimal_places=6)
    source = models.CharField(_("source"), max_length=200)

    class Meta(KeptTable.Meta):
        verbose_name = _("index level")
        verbose_name_plural = _("index levels")
        ordering = ["code", "-on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.CheckConstraint(name="indexlevel_positive", condition=Q(level__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {day(self.on)}"
