"""How pressing a notice is, how somebody wants it, and the life of a mail."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class Severity(models.IntegerChoices):
    """Rises as the due day comes near."""

    INFO = 1, _("For information")
    WARNING = 2, _("Needs action")
    URGENT = 3, _("Urgent")


class MailMode(models.TextChoices):
    """How somebody wants notices of a kind by mail."""

    OFF = "OFF", _("no mail")
    INSTANT = "INSTANT", _("at once")
    DIGEST = "DIGEST", _("in the daily summary")


class DeliveryState(models.TextChoices):
    """INTERRUPTED: a worker died while it sent; nobody knows whether the mail went out."""

    WAITING = "WAITING", _("waiting")
    QUEUED = "QUEUED", _("handed to a worker")
    SENDING = "SENDING", _("being sent")
    SENT = "SENT", _("sent")
    FAILED = "FAILED", _("failed")
    INTERRUPTED = "INTERRUPTED", _("interrupted")
    SKIPPED = "SKIPPED", _("not sent")


S = DeliveryState
TRANSITIONS: Transitions = {
    S.WAITING: frozenset({S.QUEUED, S.SKIPPED}),
    S.QUEUED: frozenset({S.SENDING, S.SKIPPED}),
    S.SENDING: frozenset({S.SENT, S.FAILED, S.WAITING, S.INTERRUPTED}),
    S.SENT: frozenset(),
    S.FAILED: frozenset({S.WAITING}),  # an administrator has it tried again
    S.INTERRUPTED: frozenset({S.WAITING}),
    S.SKIPPED: frozenset(),
}


class Reason(models.TextChoices):
    """Why a mail waits or was not sent."""

    NONE = "", "–"
    QUIET_HOURS = "QUIET_HOURS", _("quiet hours")
    DIGEST = "DIGEST", _("for the daily summary")
    NOT_WANTED = "NOT_WANTED", _("the reader wants no mail of this kind")
    MAIL_OFF = "MAIL_OFF", _("no mail server is set up")
    SETTLED = "SETTLED", _("settled before it was sent")
    READ = "READ", _("read in the inbox before it was sent")
    GONE = "GONE", _("the reader has left or lost the role")
    RETRY = "RETRY", _("will be tried again")
    REFUSED = "REFUSED", _("the mail server refused it for good")
    GAVE_UP = "GAVE_UP", _("given up after several tries")
    WORKER_DIED = "WORKER_DIED", _("the worker died while sending; it may have arrived")
