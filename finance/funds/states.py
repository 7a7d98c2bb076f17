"""The words of a fund: kinds of vehicle, of money, of what is called, given back and invested."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FundKind(models.TextChoices):
    CARBON = "CARBON", _("carbon fund")
    CARBON_NEUTRAL = "CARBON_NEUTRAL", _("carbon-neutral industry fund")
    PARK_SPECIAL = "PARK_SPECIAL", _("zero-carbon park special fund")
    GREEN = "GREEN", _("green investment fund")


class LegalForm(models.TextChoices):
    PARTNERSHIP = "PARTNERSHIP", _("limited partnership")
    COMPANY = "COMPANY", _("company")
    CONTRACT = "CONTRACT", _("contractual fund")
    BUDGET = "BUDGET", _("earmarked budget")


class MoneyKind(models.TextChoices):
    """Whose money: the multiplier of public money stands on it (seed 003, Yizhuang)."""

    PUBLIC = "PUBLIC", _("public money")
    SOCIAL = "SOCIAL", _("social capital")


class FeeBasis(models.TextChoices):
    COMMITTED = "COMMITTED", _("committed capital")
    PAID_IN = "PAID_IN", _("paid-in capital")


class CallPurpose(models.TextChoices):
    INVESTMENT = "INVESTMENT", _("investments")
    FEES = "FEES", _("fees and expenses")


class DistributionKind(models.TextChoices):
    CAPITAL = "CAPITAL", _("return of capital")
    RECALLABLE = "RECALLABLE", _("return of capital, recallable")
    GAIN = "GAIN", _("gain")
    REDEMPTION = "REDEMPTION", _("redemption of shares")


class InvestmentKind(models.TextChoices):
    EQUITY = "EQUITY", _("equity stake")
    DEBT = "DEBT", _("loan or bond")
    PROJECT = "PROJECT", _("share in a project")
    GRANT = "GRANT", _("grant")


class CashKind(models.TextChoices):
    """Why money came into the fund or left it."""

    PAID_IN = "PAID_IN", _("capital paid in")
    DISTRIBUTED = "DISTRIBUTED", _("distributed")
    INVESTED = "INVESTED", _("invested")
    EXIT = "EXIT", _("proceeds of an exit")
    INCOME = "INCOME", _("income from an investment")
    GRANT = "GRANT", _("grant paid")
    GRANT_RETURNED = "GRANT_RETURNED", _("grant returned")
    UNITS_BOUGHT = "UNITS_BOUGHT", _("carbon units bought")
    UNITS_SOLD = "UNITS_SOLD", _("carbon units sold")
    FEE = "FEE", _("management fee")
    CARRY = "CARRY", pgettext_lazy("fund", "carried interest")
    EXPENSE = "EXPENSE", _("other expense")
    INTEREST = "INTEREST", _("interest received")


COMES_IN = frozenset(
    {
        CashKind.PAID_IN, CashKind.EXIT, CashKind.INCOME, CashKind.GRANT_RETURNED,
        CashKind.UNITS_SOLD, CashKind.INTEREST,
    }
)  # fmt: skip
# What is told by hand: the others follow from calls and distributions.
TOLD_BY_HAND = tuple(one for one in CashKind if one not in {CashKind.PAID_IN, CashKind.DISTRIBUTED})
# What needs an investment to be about.
ABOUT_AN_INVESTMENT = frozenset(
    {
        CashKind.INVESTED, CashKind.EXIT, CashKind.INCOME, CashKind.GRANT, CashKind.GRANT_RETURNED,
    }
)  # fmt: skip


class PartKind(models.TextChoices):
    """What a net asset value is made of."""

    CASH = "CASH", _("cash")
    UNITS = "UNITS", _("carbon units")
    STAKE = "STAKE", _("investment")
    FEE_OWED = "FEE_OWED", _("management fee owed")
    CARRY_OWED = "CARRY_OWED", _("carried interest owed")
