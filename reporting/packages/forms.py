from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.packages.models import Language


class ReportForm(forms.Form):
    frozen_inventory_id = forms.ChoiceField(label=_("Frozen inventory"))
    framework = forms.ChoiceField(
        label=_("Framework"),
        help_text=_("The completeness page shows what each framework still lacks."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever checks the report is told that it was withdrawn."),
    )
