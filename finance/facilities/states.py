"""The life of a facility, kept apart from that of what secures it (R7.16)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.day_counts import DayCount
from ledger.kernel.transitions import Transitions


class FacilityState(models.TextChoices):
    DRAFT = "DRAFT", _("Draft")
    AGREED = "AGREED", _("Agreed")
    DRAWN = "DRAWN", _("Drawn")
    DEFAULTED = "DEFAULTED", _("In default")
    REPAID = "REPAID", _("Repaid")
    CANCELLED = "CANCELLED", _("Cancelled")


S = FacilityState
TRANSITIONS: Transitions = {
    S.DRAFT: frozenset({S.AGREED, S.CANCELLED}),
    S.AGREED: frozenset({S.DRAWN, S.CANCELLED}),
    S.DRAWN: frozenset({S.DEFAULTED, S.REPAID}),
    S.DEFAULTED: frozenset({S.REPAID}),
    S.REPAID: frozenset(),
    S.CANCELLED: frozenset(),
}
OWING = frozenset({S.DRAWN, S.DEFAULTED})


class RateKind(models.TextChoices):
    FIXED = "FIXED", _("fixed")
    LPR_1Y = "LPR_1Y", _("one-year LPR and a margin")
    LPR_5Y = "LPR_5Y", _("five-year LPR and a margin")


class Plan(models.TextChoices):
    BULLET = "BULLET", _("principal at the end")
    INSTALMENTS = "INSTALMENTS", _("equal instalments (等额本息)")
    PRINCIPAL = "PRINCIPAL", _("equal principal (等额本金)")


class LineKind(models.TextChoices):
    DRAWN = "DRAWN", _("drawdown")
    REPAID = "REPAID", _("repayment")
    PREPAID = "PREPAID", _("prepayment")
    INTEREST = "INTEREST", _("interest paid")
    FEE = "FEE", _("fee charged")
    FEE_PAID = "FEE_PAID", _("fee paid")
    SUBSIDY = "SUBSIDY", _("interest subsidy received")
    USED = "USED", _("use of proceeds")


class Comparison(models.TextChoices):
    AT_MOST = "AT_MOST", _("at most")
    AT_LEAST = "AT_LEAST", _("at least")


# the conventions that loans here use; the kernel knows more
DAY_COUNTS = [
    (one.value, one.value)
    for one in (
        DayCount.ACT_360,
        DayCount.ACT_365F,
        DayCount.ACT_ACT_ISDA,
        DayCount.THIRTY_360_ISDA,
        DayCount.THIRTY_E_360,
    )
]
