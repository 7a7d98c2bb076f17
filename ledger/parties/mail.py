"""The two mails of this room. The token in a link follows from the user's present state: once the
password is set, the link is dead; nothing secret is stored.
"""

from datetime import datetime

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from ledger.jobs import operations as jobs
from ledger.parties.models import User


def password_link(*, user: User, site: str) -> str:
    """The address behind which this user may choose a password."""
    who = urlsafe_base64_encode(force_bytes(str(user.pk)))
    token = default_token_generator.make_token(user)
    return site + reverse("password-link", args=[who, token])


def ask_for_link(*, user: User, occasion: str, site: str, at: datetime) -> None:
    """Put the mail into the outbox, in the caller's transaction. The token is made when it is sent.

    So a page answers as fast for an unknown address as for a known one, and a mail server that is
    away loses nothing (I39). `occasion` is "reset" or "invitation".
    """
    args = {"user_id": str(user.pk), "occasion": occasion, "site": site}
    jobs.send_later(task="parties.mail_link", args=args, at=at)


def send_link(*, user: User, occasion: str, site: str) -> None:
    """Send it now, in the language of the reader."""
    with override(user.language):
        subjects = {
            "reset": _("Tanzhang: choose a new password"),
            "invitation": _("Tanzhang: you are invited"),
        }
        page = {"user": user, "link": password_link(user=user, site=site)}
        text = render_to_string(f"ledger/parties/mail_{occasion}.txt", page)
        send_mail(subjects[occasion], text, None, [user.email])
