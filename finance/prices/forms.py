from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.prices import queries
from finance.prices.states import Mode
from ledger.instruments import queries as instruments

CURRENCIES = [(code, code) for code in ("CNY", "EUR", "USD")]


def _schemes() -> list[tuple[str, str]]:
    return [(row.code, str(row)) for row in instruments.schemes()]


def _sources(gives_rates: bool) -> list[tuple[str, str]]:
    found = queries.sources().filter(gives_rates=gives_rates)
    return [(row.code, str(row)) for row in found]


def _day(**given: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **given)


class TellMark(forms.Form):
    scheme = forms.ChoiceField(label=_("instrument"), choices=_schemes)
    vintage_year = forms.IntegerField(
        label=_("vintage"),
        min_value=1990,
        max_value=2100,
        required=False,
        help_text=_("Allowances need one; for offsets empty means any."),
    )
    source = forms.ChoiceField(label=_("source"), choices=lambda: _sources(gives_rates=False))
    mode = forms.ChoiceField(label=_("mode of trading"), choices=Mode)
    marked_on = _day(label=_("price of the day"))
    price = forms.DecimalField(label=_("price of one unit"), max_digits=18, decimal_places=6)
    currency = forms.ChoiceField(label=_("currency"), choices=CURRENCIES)
    volume = forms.IntegerField(label=_("units traded"), min_value=0, required=False)
    reason = forms.CharField(
        label=_("reason"),
        max_length=300,
        required=False,
        help_text=_("Needed for a correction and for a price outside the limits of the day."),
    )


class CorrectMark(forms.Form):
    price = forms.DecimalField(label=_("price of one unit"), max_digits=18, decimal_places=6)
    reason = forms.CharField(label=_("reason"), max_length=300)


class TellRate(forms.Form):
    from_currency = forms.CharField(label=_("from currency"), min_length=3, max_length=3)
    to_currency = forms.CharField(label=_("to currency"), min_length=3, max_length=3, initial="CNY")
    source = forms.ChoiceField(label=_("source"), choices=lambda: _sources(gives_rates=True))
    rated_on = _day(label=_("rate of the day"))
    rate = forms.DecimalField(
        label=pgettext_lazy("of currencies", "rate"),
        max_digits=18,
        decimal_places=8,
        help_text=_("What one unit of the first currency is in the second."),
    )
    reason = forms.CharField(
        label=_("reason"), max_length=300, required=False, help_text=_("Needed for a correction.")
    )


class CorrectRate(forms.Form):
    rate = forms.DecimalField(
        label=pgettext_lazy("of currencies", "rate"), max_digits=18, decimal_places=8
    )
    reason = forms.CharField(label=_("reason"), max_length=300)


class ValuationForm(forms.Form):
    """Whose holdings, on which day, in which currency; empty: one's own, today, CNY."""

    party = forms.ChoiceField(label=_("party"), required=False)
    day = forms.DateField(
        label=_("at the end of the day"),
        required=False,
        help_text=_("Empty: today."),
        widget=forms.DateInput(),
    )
    currency = forms.ChoiceField(label=_("currency"), choices=CURRENCIES, required=False)

    def __init__(self, data: Any, *, parties: list[tuple[str, str]]) -> None:
        super().__init__(data)
        field: Any = self.fields["party"]
        field.choices = [("", "—"), *parties]
        if not parties:
            del self.fields["party"]


class HistoryForm(forms.Form):
    scheme = forms.ChoiceField(label=_("instrument"), required=False)
    since = forms.DateField(label=_("from day"), required=False, widget=forms.DateInput())
    until = forms.DateField(label=_("to day"), required=False, widget=forms.DateInput())

    def __init__(self, data: Mapping[str, Any], *, schemes: list[tuple[str, str]]) -> None:
        super().__init__(data)
        field: Any = self.fields["scheme"]
        field.choices = schemes
