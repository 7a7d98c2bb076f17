from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.inventories.models import ConsolidationChoice

GWP_SETS = [(name, name) for name in ("AR6", "AR5", "AR4", "SAR")]


class BuildForm(forms.Form):
    park_code = forms.ChoiceField(label=_("Park"))
    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    consolidation = forms.ChoiceField(
        label=_("Consolidation approach"), choices=ConsolidationChoice.choices
    )
    gwp_set = forms.ChoiceField(label=_("GWP set"), choices=GWP_SETS)
    sold_certificates_mwh = forms.DecimalField(
        label=_("Certificates sold of self-generated power (MWh)"), min_value=0, initial=0
    )
    significance = forms.CharField(
        label=_("Significance criteria for indirect emissions"),
        required=False,
        widget=forms.Textarea,
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)
