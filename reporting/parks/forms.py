from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.parks.models import BoundaryKindChoice, SupplyFormChoice


class Calibrate(forms.Form):
    certificate = forms.CharField(label=_("certificate number"), max_length=80)
    laboratory = forms.CharField(label=_("laboratory"), max_length=120, required=False)
    calibrated_on = forms.DateField(label=_("calibrated on"), widget=forms.DateInput)
    valid_to = forms.DateField(label=_("valid to (exclusive)"), widget=forms.DateInput)


class Replace(forms.Form):
    number = forms.CharField(label=_("number of the new meter"), max_length=60)
    on = forms.DateField(label=_("from the day"), widget=forms.DateInput)
    reads_that_day = forms.BooleanField(
        label=_("In the course of that day"),
        required=False,
        help_text=_(
            "Both meters have a part of the day: upload the last register of the old one and the "
            "first of the new one, with the time."
        ),
    )
    multiplier = forms.DecimalField(
        label=_("multiplier"), min_value=0, max_digits=14, decimal_places=6, required=False,
        help_text=_("Empty: as the old one."),
    )  # fmt: skip


class RedrawBoundary(forms.Form):
    name = forms.CharField(label=_("name"), max_length=200)
    description_zh = forms.CharField(
        label=_("description in Chinese"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    description_en = forms.CharField(
        label=_("description in English"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    valid_from = forms.DateField(label=_("valid from"), widget=forms.DateInput)


class DrawBoundary(RedrawBoundary):
    park = forms.ChoiceField(label=_("park"))
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=BoundaryKindChoice,
        help_text=_("There is one whole park on each day, and any parks within it."),
    )
    field_order = ("park", "kind")


class PlaceWithin(forms.Form):
    source = forms.ChoiceField(label=_("emission source"), required=False)
    tenant = forms.ChoiceField(
        label=_("tenant"),
        required=False,
        help_text=_("With all its sources. Choose the one or the other."),
    )
    valid_from = forms.DateField(
        label=_("valid from"),
        widget=forms.DateInput,
        help_text=_("The first day of a month, or the day on which the boundary is drawn."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("source")) == bool(data.get("tenant")):
            self.add_error("source", _("Choose a source or a tenant."))
        return data


class End(forms.Form):
    valid_to = forms.DateField(label=_("valid to (exclusive)"), widget=forms.DateInput)


class ChangeTerms(forms.Form):
    equity_share = forms.DecimalField(
        label=_("equity share"), min_value=0, max_value=1, max_digits=7, decimal_places=6,
        help_text=_("A part of one, such as 0.35."),
    )  # fmt: skip
    has_operational_control = forms.BooleanField(
        label=_("under operational control"), required=False
    )
    has_financial_control = forms.BooleanField(label=_("under financial control"), required=False)
    valid_from = forms.DateField(
        label=_("valid from"),
        widget=forms.DateInput,
        help_text=_("The first day of a month: each month counts by the terms of its first day."),
    )


class AdmitTenant(ChangeTerms):
    park = forms.ChoiceField(label=_("park"))
    code = forms.CharField(label=_("code"), max_length=40)
    name_zh = forms.CharField(label=_("name in Chinese"), max_length=200)
    name_en = forms.CharField(label=_("name in English"), max_length=200, required=False)
    field_order = ("park", "code", "name_zh", "name_en")


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
