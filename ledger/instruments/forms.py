"""What projects and plants are registered with; forms only validate."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _day(label: Any, *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget)


class Reason(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


class RegisterProject(forms.Form):
    scheme = forms.ChoiceField(label=_("scheme"))
    code = forms.CharField(label=_("project number"), max_length=60)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    methodology = forms.CharField(label=_("methodology"), max_length=60, required=False)
    methodology_version = forms.CharField(
        label=_("methodology version"), max_length=20, required=False
    )
    plant = forms.ChoiceField(label=_("plant"), required=False)
    crediting_from = _day(_("crediting period from"))
    crediting_to = _day(_("crediting period to (exclusive)"))


class RegisterPlant(forms.Form):
    code = forms.CharField(label=_("plant number"), max_length=60)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    technology = forms.ChoiceField(label=_("technology"))
    commissioned_on = _day(_("commissioned on"))
    region = forms.CharField(label=_("region"), max_length=60, required=False)
    capacity_mw = forms.DecimalField(
        label=_("capacity, MW"), max_digits=12, decimal_places=3, min_value=0, required=False
    )
