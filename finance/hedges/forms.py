from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.hedges.states import ContractKind, MarginKind, Side, Venue
from ledger.instruments import queries as instruments

CURRENCIES = [(code, code) for code in ("CNY", "EUR", "USD")]


def _schemes() -> list[tuple[str, str]]:
    return [(row.code, str(row)) for row in instruments.schemes()]


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


def _number(label: Any, *, required: bool = False, places: int = 6, **given: Any) -> Any:
    return forms.DecimalField(
        label=label, max_digits=18, decimal_places=places, min_value=0, required=required, **given
    )


class OpenContract(forms.Form):
    number = forms.CharField(label=_("contract number"), max_length=80)
    kind = forms.ChoiceField(label=_("kind"), choices=ContractKind)
    side = forms.ChoiceField(label=_("side"), choices=Side)
    venue = forms.ChoiceField(label=pgettext_lazy("of a contract", "account"), choices=Venue)
    counterparty = forms.CharField(label=_("exchange, broker or counterparty"), max_length=120)
    scheme = forms.ChoiceField(label=_("instrument"), choices=_schemes)
    vintage_year = forms.IntegerField(
        label=_("vintage"), min_value=1990, max_value=2100, required=False
    )
    for_year = forms.IntegerField(
        label=_("hedges the obligation year"), min_value=2019, max_value=2100, required=False
    )
    lots = forms.IntegerField(label=_("contracts"), min_value=1)
    units_per_lot = forms.IntegerField(label=_("units in a contract"), min_value=1, initial=1000)
    price = _number(_("agreed price or strike"), required=True)
    currency = forms.ChoiceField(label=_("currency"), choices=CURRENCIES)
    margin_rate = _number(_("margin rate"), help_text=_("As a share: 0.1 is 10 %."))
    premium = _number(_("premium of one unit"), help_text=_("An option only."))
    volatility = _number(_("volatility a year"), help_text=_("An option only; 0.3 is 30 %."))
    interest_rate = _number(_("interest rate a year"), help_text=_("An option only."))
    opened_on = _day(pgettext_lazy("of a hedge", "opened on"))
    last_day = _day(_("last day"))
    is_physical = forms.BooleanField(label=_("delivered in units"), required=False)
    evidence = forms.CharField(label=_("evidence"), max_length=300, required=False)


class SettleDay(forms.Form):
    settled_on = _day(_("day"))
    price = _number(_("settlement price"), help_text=_("Empty: the mark of that day."))
    reason = forms.CharField(
        label=_("reason"), max_length=300, required=False, help_text=_("Needed for a correction.")
    )


class EndContract(forms.Form):
    ended_on = _day(pgettext_lazy("of a hedge", "ended on"))
    price = _number(_("price at the end"), required=True)


class PayMargin(forms.Form):
    kind = forms.ChoiceField(label=_("kind"), choices=MarginKind)
    amount = _number(pgettext_lazy("money", "amount"), required=True, places=2)
    paid_on = _day(_("paid on"))
    evidence = forms.CharField(label=_("evidence"), max_length=300)
