"""Amounts, rates and cautions as people read them."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.funds.queries import Caution, Return
from ledger.doors.figures import percent
from ledger.doors.wording import number_format

CAUTIONS = {
    Caution.NO_FLOWS: gettext_lazy("There is no money to reckon a rate from yet."),
    Caution.NO_SIGN_CHANGE: gettext_lazy(
        "Money has run one way only: a rate of return is not defined."
    ),
    Caution.NO_SOLUTION: gettext_lazy("No rate of return solves these flows."),
    Caution.SEVERAL_SIGN_CHANGES: gettext_lazy(
        "Money has changed direction more than once: read the rate with care."
    ),
    Caution.SEVERAL_SOLUTIONS: gettext_lazy(
        "Several rates solve these flows; the one nearest to nought is shown."
    ),
    Caution.SHORTER_THAN_A_YEAR: gettext_lazy(
        "Less than a year: the rate is of the whole period, not of a year."
    ),
}


def count(value: Decimal) -> str:
    return number_format(value, 4, force_grouping=True)


def times(value: Decimal | None) -> str:
    """A multiple: 1.20."""
    return "–" if value is None else f"{number_format(value, 2)}×"


def basis_points(value: int) -> str:
    return percent(Decimal(value).scaleb(-4))


def rate_said(found: Return) -> str:
    """The rate with what it is a rate of."""
    if found.rate is None:
        return "–"
    words = _("%(rate)s a year") if found.is_annual else _("%(rate)s in the whole period")
    return words % {"rate": percent(found.rate)}


def cautions_said(found: Return) -> list[str]:
    return [str(CAUTIONS[one]) for one in found.cautions]


def anchor(url: str, text: Any) -> SafeString:
    return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', url, text)


def link_to(model: Any, key: Any, text: Any) -> SafeString:
    names = model._meta.app_label, model._meta.model_name
    return anchor(reverse("admin:{}_{}_change".format(*names), args=[key]), text)


def link_url(row: Any) -> str:
    names = row._meta.app_label, row._meta.model_name
    return reverse("admin:{}_{}_change".format(*names), args=[row.pk])


def link(row: Any, text: Any = "") -> SafeString:
    """To the page of a row."""
    return anchor(link_url(row), text or str(row))


def list_of(model: Any, **filters: Any) -> str:
    """The address of a list, filtered."""
    names = model._meta.app_label, model._meta.model_name
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return f"{reverse('admin:{}_{}_changelist'.format(*names))}?{query}"
