from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.instruments import queries as instruments

PERCENT = Decimal(100)


def _day(**given: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **given)


def _schemes() -> list[tuple[str, str]]:
    return [(row.code, str(row)) for row in instruments.schemes()]


def _price(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=14, decimal_places=2, min_value=0, required=False
    )


class RecordPrice(forms.Form):
    scheme = forms.ChoiceField(label=_("instrument"), choices=_schemes)
    vintage_year = forms.IntegerField(
        label=_("vintage"),
        min_value=2000,
        max_value=2100,
        required=False,
        help_text=_("Allowances need one; for offsets empty means any."),
    )
    buy = _price(_("buy, CNY"))
    sell = _price(_("sell, CNY"))
    available = forms.IntegerField(
        label=_("units on offer"),
        min_value=0,
        required=False,
        help_text=_("Empty: as many as needed."),
    )
    quoted_on = _day(label=_("price of the day"))
    source = forms.CharField(label=_("source"), max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("buy") is None and data.get("sell") is None:
            raise ValidationError(_("Enter a buy price, a sell price, or both."))
        return data


class PercentSteps(forms.CharField):
    """Percentages as a person types them, e.g. "-20, 0, 20"; clean: basis points."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace("，", ",").replace("%", "").replace("、", ",")
        try:
            found = {Decimal(part.strip()) * PERCENT for part in text.split(",") if part.strip()}
        except ArithmeticError as error:
            raise ValidationError(_("Write percentages with commas, as in -20, 0, 20.")) from error
        if not all(one.is_finite() and one == one.to_integral_value() for one in found):
            raise ValidationError(_("Write percentages with commas, as in -20, 0, 20."))
        return sorted({0, *(int(one) for one in found)})


class PlanForm(forms.Form):
    title = forms.CharField(label=_("title"), max_length=120)
    planned_on = _day(
        label=_("day of the plan"), help_text=_("Prices and deadlines count from this day.")
    )
    sells_ageing = forms.BooleanField(
        label=_("Units that lose their use could be sold before"),
        required=False,
        help_text=_("Ticked, handing them in gives up their sell price; else it costs nothing."),
    )
    carry_limit = forms.IntegerField(
        label=_("carry-over possible, units"),
        min_value=0,
        required=False,
        help_text=_("By the carry-over calculator; empty: none."),
    )
    carry_by = _day(label=_("carry-over: apply by"), required=False)
    price_steps = PercentSteps(label=_("What if prices change, %"), max_length=100)
    emission_steps = PercentSteps(label=_("What if emissions change, %"), max_length=100)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("carry_limit") and not data.get("carry_by"):
            raise ValidationError(_("Carry-over needs the last day to apply."))
        return data


class DemandForm(forms.Form):
    """One obligation year; empty where nothing is owed."""

    year = forms.IntegerField(label=_("Obligation year"), min_value=2019, max_value=2100)
    obligation = forms.IntegerField(label=_("Owed, t"), min_value=0, required=False)
    surrendered = forms.IntegerField(label=_("Handed in, t"), min_value=0, required=False)
    offsets_surrendered = forms.IntegerField(
        label=_("of which offsets, t"), min_value=0, required=False
    )
    offset_percent = forms.DecimalField(
        label=_("Offsets at most, %"), min_value=0, max_value=100, max_digits=7, decimal_places=4
    )
    due_on = _day(label=_("Due"))
    obligation_id = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36)


class HoldForm(forms.Form):
    """What it takes to get units out of a hold; which hold it is, the server knows."""

    hold_id = forms.CharField(widget=forms.HiddenInput, max_length=36)
    cost = forms.DecimalField(
        label=_("Cost per unit, CNY"), min_value=0, max_digits=14, decimal_places=2, required=False
    )
    fee = forms.DecimalField(
        label=_("Fixed fee, CNY"), min_value=0, max_digits=14, decimal_places=2, required=False
    )
    days = forms.IntegerField(label=_("Days it takes"), min_value=0, max_value=3650, required=False)
    ask_until = _day(label=_("Ask until"), required=False)
