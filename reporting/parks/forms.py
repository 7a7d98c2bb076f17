from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.parks.models import SupplyFormChoice


class Calibrate(forms.Form):
    certificate = forms.CharField(label=_("certificate number"), max_length=80)
    laboratory = forms.CharField(label=_("laboratory"), max_length=120, required=False)
    calibrated_on = forms.DateField(label=_("calibrated on"), widget=forms.DateInput)
    valid_to = forms.DateField(label=_("valid to (exclusive)"), widget=forms.DateInput)


class Replace(forms.Form):
    number = forms.CharField(label=_("number of the new meter"), max_length=60)
    on = forms.DateField(label=_("from the day"), widget=forms.DateInput)
    multiplier = forms.DecimalField(
        label=_("multiplier"), min_value=0, max_digits=14, decimal_places=6, required=False,
        help_text=_("Empty: as the old one."),
    )  # fmt: skip


class PutTogether(forms.Form):
    plus = forms.MultipleChoiceField(label=_("Meters that are added"), required=False)
    minus = forms.MultipleChoiceField(label=_("Meters that are taken off"), required=False)
    valid_from = forms.DateField(label=_("valid from"), widget=forms.DateInput)


class ProveSupply(forms.Form):
    form = forms.ChoiceField(label=_("form of supply"), choices=SupplyFormChoice)
    generator = forms.CharField(label=_("generator"), max_length=160, required=False)
    agreement = forms.CharField(
        label=_("connection agreement"), max_length=160, required=False,
        help_text=_("Its number and date. What is missing can be recorded later, anew."),
    )  # fmt: skip
    line = forms.CharField(
        label=_("line or distribution-grid node"), max_length=160, required=False
    )
    generator_meter = forms.CharField(
        label=_("meter of the generator"), max_length=60, required=False
    )
    user_meter = forms.ChoiceField(label=_("meter of the user"), required=False)
    valid_from = forms.DateField(label=_("valid from"), widget=forms.DateInput)
    valid_to = forms.DateField(
        label=_("valid to (exclusive)"), widget=forms.DateInput, required=False
    )
