from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.claims.states import ClaimUse
from ledger.instruments import queries as instruments


def _plants() -> list[tuple[Any, Any]]:
    return [(str(plant.pk), str(plant)) for plant in instruments.plants()]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"})


class ClaimUnits(forms.Form):
    place = forms.ChoiceField(label=_("lot and account"))
    unit_count = forms.IntegerField(label=_("units"), min_value=1)
    use = forms.ChoiceField(label=_("use"), choices=ClaimUse.choices)
    purpose = forms.CharField(label=_("purpose"), max_length=200)
    first_day = forms.DateField(label=_("first day of the period"), widget=_day())
    last_day = forms.DateField(label=_("last day of the period"), widget=_day())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and first > last:
            raise ValidationError(_("The period must end after it starts."))
        return data


class RecordGeneration(forms.Form):
    plant = forms.ChoiceField(label=_("plant"), choices=_plants)
    month = forms.DateField(
        label=_("month"), help_text=_("The first day of the month."), widget=_day()
    )
    metered_mwh = forms.DecimalField(
        label=_("metered, MWh"), max_digits=18, decimal_places=6, min_value=0
    )
    evidence = forms.CharField(label=_("evidence"), max_length=300)


class ReverseClaim(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)
