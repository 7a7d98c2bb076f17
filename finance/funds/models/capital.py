"""What investors promised, what is called of it and what they got back, line by line."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.funds.models.vehicle import Fund, ShareClass, money, shares
from finance.funds.states import CallPurpose, DistributionKind, MoneyKind
from ledger.doors.tables import KeptTable
from ledger.doors.wording import day, number_format

# Called of an investor's class, less what may be called again, never exceeds what was promised.
WITHIN_COMMITMENT = """
PERFORM 1 FROM finance_funds_fund WHERE id = NEW.fund_id FOR UPDATE;
IF (SELECT coalesce(sum(amount), 0) FROM finance_funds_callline
    WHERE fund_id = NEW.fund_id AND share_class_id = NEW.share_class_id
      AND investor_id = NEW.investor_id) + NEW.amount
 > (SELECT coalesce(sum(amount), 0) FROM finance_funds_commitment
    WHERE fund_id = NEW.fund_id AND share_class_id = NEW.share_class_id
      AND investor_id = NEW.investor_id)
 + (SELECT coalesce(sum(l.amount), 0) FROM finance_funds_distributionline l
    JOIN finance_funds_distribution d ON d.id = l.distribution_id
    WHERE l.fund_id = NEW.fund_id AND l.share_class_id = NEW.share_class_id
      AND l.investor_id = NEW.investor_id AND d.kind = 'RECALLABLE')
THEN RAISE EXCEPTION 'more is called than was committed' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class OfAnInvestor(KeptTable):
    """A row of one investor's class."""

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("fund")
    )
    share_class = models.ForeignKey(
        ShareClass, on_delete=models.PROTECT, verbose_name=_("class of shares")
    )
    investor_id = models.UUIDField(_("investor"), db_index=True)
    amount = money(pgettext_lazy("money", "amount"))

    class Meta(KeptTable.Meta):
        abstract = True


class Commitment(OfAnInvestor):
    """What an investor promises; a change is a further row, up or down."""

    money_kind = models.CharField(_("whose money"), max_length=8, choices=MoneyKind)
    committed_on = models.DateField(_("committed on"))
    evidence = models.CharField(_("evidence"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(OfAnInvestor.Meta):
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["-committed_on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.CheckConstraint(name="commitment_not_nothing", condition=~Q(amount=0)),
        ]

    def __str__(self) -> str:
        return f"{day(self.committed_on)} {number_format(self.amount, 2)}"


class Call(KeptTable):
    """A capital call; its lines share it out by commitment. A reversal has negative lines."""

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="calls", verbose_name=_("fund")
    )
    number = models.PositiveIntegerField(_("number"))
    share_class = models.ForeignKey(
        ShareClass, on_delete=models.PROTECT, null=True, verbose_name=_("class of shares")
    )
    purpose = models.CharField(_("called for"), max_length=12, choices=CallPurpose)
    called_on = models.DateField(_("called on"))
    due_on = models.DateField(_("due on"))
    amount = money(pgettext_lazy("money", "amount"))
    share_price = models.DecimalField(_("price of a share"), max_digits=18, decimal_places=6)
    text = models.CharField(_("note"), max_length=300, blank=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, verbose_name=_("takes back")
    )
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("capital call")
        verbose_name_plural = _("capital calls")
        ordering = ["-called_on", "-number"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(fields=["fund", "number"], name="call_number_once"),
            models.CheckConstraint(
                name="call_due_after_it_is_made",
                condition=Q(due_on__gte=models.F("called_on"), share_price__gt=0),
            ),
            models.CheckConstraint(
                name="call_negative_only_to_take_back",
                condition=Q(reverses__isnull=True, amount__gt=0)
                | Q(reverses__isnull=False, amount__lt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund.code} · {self.number}"


class CallLine(OfAnInvestor):
    """One investor's part of a call."""

    call = models.ForeignKey(
        Call, on_delete=models.PROTECT, related_name="lines", verbose_name=_("capital call")
    )

    class Meta(OfAnInvestor.Meta):
        verbose_name = _("line of a call")
        verbose_name_plural = _("lines of calls")
        ordering = ["-recorded_at", "id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["call", "share_class", "investor_id"], name="callline_once_an_investor"
            ),
        ]
        triggers = [
            *KeptTable.Meta.triggers,
            pgtrigger.Trigger(
                name="within_the_commitment",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=WITHIN_COMMITMENT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} · {number_format(self.amount, 2)}"


class Distribution(KeptTable):
    """Money given back to investors, by its kind; shares are cancelled by a redemption only."""

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="distributions", verbose_name=_("fund")
    )
    number = models.PositiveIntegerField(_("number"))
    share_class = models.ForeignKey(
        ShareClass, on_delete=models.PROTECT, null=True, verbose_name=_("class of shares")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=DistributionKind)
    paid_on = models.DateField(_("paid on"))
    amount = money(pgettext_lazy("money", "amount"))
    share_price = models.DecimalField(
        _("price of a share"), max_digits=18, decimal_places=6, null=True
    )
    text = models.CharField(_("note"), max_length=300, blank=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, verbose_name=_("takes back")
    )
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("distribution")
        verbose_name_plural = _("distributions")
        ordering = ["-paid_on", "-number"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(fields=["fund", "number"], name="distribution_number_once"),
            models.CheckConstraint(
                name="distribution_negative_only_to_take_back",
                condition=Q(reverses__isnull=True, amount__gt=0)
                | Q(reverses__isnull=False, amount__lt=0),
            ),
            models.CheckConstraint(
                name="distribution_redeems_at_a_price",
                condition=Q(kind=DistributionKind.REDEMPTION, share_price__gt=0)
                | (~Q(kind=DistributionKind.REDEMPTION) & Q(share_price__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund.code} · {self.number}"


class DistributionLine(OfAnInvestor):
    """One investor's part of a distribution."""

    distribution = models.ForeignKey(
        Distribution, on_delete=models.PROTECT, related_name="lines", verbose_name=_("distribution")
    )
    shares = shares(_("shares redeemed"), default=0)

    class Meta(OfAnInvestor.Meta):
        verbose_name = _("line of a distribution")
        verbose_name_plural = _("lines of distributions")
        ordering = ["-recorded_at", "id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["distribution", "share_class", "investor_id"],
                name="distributionline_once_an_investor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.distribution} · {number_format(self.amount, 2)}"
