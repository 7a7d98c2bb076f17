from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reporting.indicators import models
from reporting.indicators.states import FactKind

COUNTED = [choice for choice in models.FactKindChoice.choices if choice[0] != FactKind.EXCLUSION]
GUIDING = [
    choice
    for choice in models.IndicatorChoice.choices
    if choice[0] not in {"CORE", "DIRECT_SHARE", "CERTIFICATE_SHARE"}
]


class WhichForm(forms.Form):
    park_code = forms.ChoiceField(label=_("Park"))
    inner_park = forms.ChoiceField(
        label=_("Boundary"), required=False, help_text=_("Empty: the whole park.")
    )
    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)


class FactForm(WhichForm):
    kind = forms.ChoiceField(label=_("What"), choices=COUNTED)
    name = forms.CharField(
        label=pgettext_lazy("indicator", "Which"),
        required=False,
        max_length=60,
        help_text=_("A product, a kind of waste; for a fuel its code, for heat the source's code."),
    )
    part = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=30, decimal_places=12)
    whole = forms.DecimalField(
        label=_("Of, or quota"), min_value=0, max_digits=30, decimal_places=12, required=False
    )
    unit = forms.CharField(label=_("Unit"), max_length=20)
    evidence = forms.CharField(label=_("Evidence"), max_length=300)
    reason = forms.CharField(label=_("Remark"), max_length=500, required=False)


class ExclusionForm(WhichForm):
    name = forms.ChoiceField(label=_("Indicator"), choices=GUIDING)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)
