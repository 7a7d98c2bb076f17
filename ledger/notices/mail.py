"""The mail that tells of notices: plain text and simple HTML, nothing from outside, by SMTP."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from ledger.notices import queries
from ledger.notices.models import Notice
from ledger.notices.states import Severity
from ledger.parties import queries as parties

LONGEST_SUBJECT = 150


class NotNow(Exception):
    """The mail did not go out, or the line broke; worth another try."""


class Never(Exception):
    """The mail server refused this mail or this address for good."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a worker needs to send one mail: all its notices are of one party."""

    mail_id: UUID
    address: str
    name: str
    language: str
    notices: Sequence[Notice]


def is_on() -> bool:
    """Whether a mail server is set up."""
    return bool(settings.EMAIL_HOST)


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as the mail says it."""

    severity: str
    is_urgent: bool
    title: str
    sentence: str
    due_on: date | None
    address: str
    is_reminder: bool


def lines_of(notices: Sequence[Notice]) -> list[Line]:
    """In the language that is switched on; the most pressing first."""
    ordered = sorted(notices, key=lambda one: (-one.severity, one.due_on or date.max, one.pk))
    return [_line(one) for one in ordered]


def _line(notice: Notice) -> Line:
    told = queries.told(notice)
    site = settings.SITE_ADDRESS
    return Line(
        severity=notice.get_severity_display(),
        is_urgent=notice.severity == Severity.URGENT,
        title=queries.title_of(notice.kind),
        sentence=told.sentence,
        due_on=notice.due_on,
        address=urljoin(site, told.address) if site and told.address else "",
        is_reminder=notice.round > 0,
    )


def _subject(lines: Sequence[Line]) -> str:
    """Who reads only the subject knows the most pressing thing."""
    first = " ".join(lines[0].sentence.split())  # a header has one line
    more = len(lines) - 1
    if more:
        first = ngettext(
            "%(first)s (and %(count)s more)", "%(first)s (and %(count)s more)", more
        ) % {"first": first, "count": more}
    mark = _("[Urgent] ") if lines[0].is_urgent else ""
    subject = _("Tanzhang: %(mark)s%(text)s") % {"mark": mark, "text": first}
    return subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…"


def compose(letter: Letter) -> EmailMultiAlternatives:
    """The mail in the reader's language. Its Message-ID is the same at each try."""
    with override(letter.language):
        lines = lines_of(letter.notices)
        site = settings.SITE_ADDRESS
        page = {
            "name": letter.name,
            "party": parties.shown_name(letter.notices[0].party),
            "lines": lines,
            "language": letter.language,
            "inbox": urljoin(site, "/admin/notices/") if site else "",
            "preferences": urljoin(site, "/admin/notices/preferences/") if site else "",
        }
        message = EmailMultiAlternatives(
            subject=_subject(lines),
            body=render_to_string("ledger/notices/mail.txt", page),
            to=[letter.address],
            headers={
                "Message-ID": f"<{letter.mail_id}@{_domain()}>",
                "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers
            },
        )
        message.attach_alternative(render_to_string("ledger/notices/mail.html", page), "text/html")
    return message


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"


def send(message: EmailMultiAlternatives) -> None:
    """Hand it to the mail server.

    :raises Never: refused for good (5xx)
    :raises NotNow: the server is away, busy (4xx), or the line broke: the mail may be there already
    """
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refusal(code, text) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotNow(f"{type(error).__name__}: {error}") from error
    except ValueError as error:  # an address that is none
        raise Never(str(error)) from error


def _refusal(code: int, text: bytes | str) -> NotNow | Never:
    told = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    # what is wrong with our own login is put right by an administrator, so that it is tried again
    for_good = code >= 500 and code not in {530, 534, 535, 538}
    return (Never if for_good else NotNow)(f"{code} {told}")
