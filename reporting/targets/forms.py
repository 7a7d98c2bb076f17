from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ledger.kernel.errors import DomainError
from ledger.kernel.quantities import exact
from reporting.targets import models


class TargetForm(forms.Form):
    park_code = forms.ChoiceField(label=_("Park"))
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=models.KindChoice.choices)
    coverage = forms.ChoiceField(label=_("Covers"), choices=models.CoverageChoice.choices)
    base_year = forms.IntegerField(
        label=_("Base year, or the peak year"), min_value=1990, max_value=2100
    )
    base = forms.DecimalField(
        label=_("Base (tCO2e, or tCO2e per unit)"), required=False, max_digits=30,
        decimal_places=12,
    )  # fmt: skip
    per = forms.CharField(
        label=_("Per (Chinese name of the inventory's denominator)"), required=False, max_length=80
    )
    stages = forms.CharField(
        label=_("Stages"),
        required=False,
        widget=forms.Textarea,
        help_text=_("One a line: year and percent cut of the base, such as “2030 42”."),
    )
    standard = forms.CharField(label=_("Standard and version"), required=False, max_length=120)
    validation_id = forms.CharField(
        label=_("Validation id"),
        required=False,
        max_length=60,
        help_text=_("Only if somebody validated it; else it is shown as not validated."),
    )
    evidence = forms.CharField(label=_("Decided where (evidence)"), max_length=300)

    def clean_stages(self) -> list[dict[str, Any]]:
        found = []
        for line in self.cleaned_data["stages"].splitlines():
            if not line.strip():
                continue
            try:
                year, cut = line.replace("%", " ").split()
                found.append({"year": int(year), "cut": format(exact(cut) / 100, "f")})
            except (ValueError, DomainError):
                message = _now("%(line)s is no year and percent.") % {"line": line}
                raise forms.ValidationError(message) from None
        return found


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)
