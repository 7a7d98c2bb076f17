"""Refusals and numbers in the reader's language: sentences, words for codes, rounded figures."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any

from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ledger.kernel.errors import DomainError
from ledger.kernel.quantities import WIDE

# How a code is said: a table of words (choices of a model), or whom to ask.
Words = Mapping[str, Any] | Callable[[str], str]
# Filled in by config/wiring.py: by the class of an enumeration, and by (code of the refusal, name
# of its parameter) where the parameter is plain text.
words: dict[Any, Words] = {}


def in_language(chinese: str, english: str) -> str:
    """A name in the reader's language, or in Chinese where there is no English one."""
    return english if english and (get_language() or "").startswith("en") else chinese


def number_format(
    value: Any, decimal_pos: int | None = None, *, force_grouping: bool = False
) -> str:
    """A number as the reader's language writes it, rounded half up: Django's own cuts digits."""
    if decimal_pos is not None and isinstance(value, Decimal) and value.is_finite():
        step = Decimal(1).scaleb(-decimal_pos)
        value = value.quantize(step, rounding=ROUND_HALF_UP, context=WIDE)
    return formats.number_format(value, decimal_pos, force_grouping=force_grouping)


def day(on: date | str) -> str:
    """A day as the reader's language writes it; a payload's ISO text, too."""
    return formats.date_format(date.fromisoformat(on) if isinstance(on, str) else on)


def period(start: date, end: date) -> str:
    """Whole years by their numbers, else the first and the last day; `end` is the day after."""
    last = end - timedelta(days=1)
    if (start.month, start.day, end.month, end.day) != (1, 1, 1, 1):
        return f"{day(start)} – {day(last)}"
    return str(start.year) if start.year == last.year else f"{start.year}–{last.year}"


def moment(at: datetime) -> str:
    """Day and minute on the reader's clock."""
    return formats.date_format(localtime(at), "DATETIME_FORMAT")


# on which page somebody looked at what is watched
LOOKS = {
    "list": gettext_lazy("list"),
    "page": gettext_lazy("page"),
    "details": gettext_lazy("list of details"),
    "export": gettext_lazy("export to a file"),
    "api": gettext_lazy("API"),
}


def looked_at(what: str) -> str:
    return str(LOOKS.get(what, what))


def refusal_text(error: DomainError) -> str:
    """The refusal in the reader's language."""
    sentence = _(error.message)
    if not error.params:
        return sentence
    return sentence % {name: _said(error, name, value) for name, value in error.params.items()}


def _said(error: DomainError, name: str, value: object) -> object:
    vocabulary = words.get((error.code, name)) or words.get(type(value))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if vocabulary is None:
        return getattr(value, "label", value) if isinstance(value, Enum) else value
    code = str(value.value) if isinstance(value, Enum) else str(value)
    return vocabulary(code) if callable(vocabulary) else str(vocabulary.get(code, code))
