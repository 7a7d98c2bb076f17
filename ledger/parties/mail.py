"""The two mails of this room. The token in a link follows from the user's present state: once the
password is set, the link is dead; nothing secret is stored.
"""

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from ledger.parties.models import User


def password_link(*, user: User, site: str) -> str:
    """The address behind which this user may choose a password."""
    who = urlsafe_base64_encode(force_bytes(str(user.pk)))
    token = default_token_generator.make_token(user)
    return site + reverse("password-link", args=[who, token])


def send_password_link(*, user: User, site: str) -> None:
    with override(user.language):
        _send(user, subject=_("Tanzhang: choose a new password"), template="reset", site=site)


def send_invitation(*, user: User, site: str) -> None:
    with override(user.language):
        _send(user, subject=_("Tanzhang: you are invited"), template="invitation", site=site)


def _send(user: User, *, subject: str, template: str, site: str) -> None:
    page = {"user": user, "link": password_link(user=user, site=site)}
    text = render_to_string(f"ledger/parties/mail_{template}.txt", page)
    send_mail(subject, text, None, [user.email])
