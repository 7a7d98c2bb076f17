"""The life of a pledge (R7.16), of its parts, of what is asked of a creditor, of margin calls."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class PledgeState(models.TextChoices):
    DRAFT = "DRAFT", _("Draft, units reserved")
    APPROVED = "APPROVED", _("Approved, units pledged")
    REGISTERED = "REGISTERED", _("Registered at Zhongdengwang")
    PERFECTED = "PERFECTED", _("Perfected")
    TOPPING_UP = "TOPPING_UP", _("Topping up")
    RELEASED = "RELEASED", _("Released")
    ENFORCED = "ENFORCED", _("Enforced")
    LAPSED = "LAPSED", _("Lapsed")


S = PledgeState
TRANSITIONS: Transitions = {
    S.DRAFT: frozenset({S.APPROVED, S.LAPSED}),
    S.APPROVED: frozenset({S.REGISTERED, S.RELEASED, S.LAPSED}),
    S.REGISTERED: frozenset({S.PERFECTED, S.RELEASED, S.LAPSED}),
    S.PERFECTED: frozenset({S.TOPPING_UP, S.RELEASED, S.ENFORCED, S.LAPSED}),
    S.TOPPING_UP: frozenset({S.PERFECTED, S.RELEASED, S.ENFORCED, S.LAPSED}),
    S.RELEASED: frozenset(),
    S.ENFORCED: frozenset(),
    S.LAPSED: frozenset(),
}
SECURING = frozenset({S.APPROVED, S.REGISTERED, S.PERFECTED, S.TOPPING_UP})
PERFECT = frozenset({S.PERFECTED, S.TOPPING_UP})


class PartState(models.TextChoices):
    """Of units of one lot: reserved from submission, pledged from approval."""

    RESERVED = "RESERVED", _("Reserved")
    PLEDGED = "PLEDGED", _("Pledged")
    GONE = "GONE", _("No longer secured")


PARTS: Transitions = {
    PartState.RESERVED: frozenset({PartState.PLEDGED, PartState.GONE}),
    PartState.PLEDGED: frozenset({PartState.GONE}),
    PartState.GONE: frozenset(),
}


class RequestKind(models.TextChoices):
    """What only a creditor can let happen."""

    RELEASE = "RELEASE", _("release of everything")
    PARTIAL = "PARTIAL", _("partial release")
    SUBSTITUTION = "SUBSTITUTION", _("substitution")
    SECOND_RANK = "SECOND_RANK", _("a second pledge behind this one")


class RequestState(models.TextChoices):
    WAITING = "WAITING", _("Waits for the creditor")
    CONSENTED = "CONSENTED", _("Consented")
    REFUSED = "REFUSED", _("Refused")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


REQUESTS: Transitions = {
    RequestState.WAITING: frozenset(
        {RequestState.CONSENTED, RequestState.REFUSED, RequestState.WITHDRAWN}
    ),
    RequestState.CONSENTED: frozenset(),
    RequestState.REFUSED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
}


class CallState(models.TextChoices):
    OPEN = "OPEN", _("Open")
    MET = "MET", _("Met")
    ENDED = "ENDED", _("Ended with the pledge")


CALLS: Transitions = {
    CallState.OPEN: frozenset({CallState.MET, CallState.ENDED}),
    CallState.MET: frozenset(),
    CallState.ENDED: frozenset(),
}


class Register(models.TextChoices):
    """R7.11: public notice of the security, and the freeze where the units are."""

    ZDW = "ZDW", _("Zhongdengwang (PBoC registration)")
    REGISTRY = "REGISTRY", _("freeze letter of the registry")


class Level(models.TextChoices):
    """Which of the contract's lines the loan to value has reached."""

    FINE = "FINE", _("within the lines")
    WARNING = "WARNING", _("warning line")
    TOP_UP = "TOP_UP", _("top-up line")
    CLOSE_OUT = "CLOSE_OUT", _("close-out line")
    UNKNOWN = "UNKNOWN", _("no price")


class Reference(models.TextChoices):
    """R7.18: which price the contract lends against."""

    LAST = "LAST", _("last close")
    AVERAGE = "AVERAGE", _("average of 20 trading days")
    LOWER = "LOWER", _("lower of the two")


class Court(models.TextChoices):
    REORGANISATION = "REORGANISATION", _("reorganisation (重整)")
    SETTLEMENT = "SETTLEMENT", _("composition (和解)")
    LIQUIDATION = "LIQUIDATION", _("liquidation (破产清算)")


# While these run, security is exercised only by the court's leave (Enterprise Bankruptcy Law 75).
STAYED = frozenset({Court.REORGANISATION})
