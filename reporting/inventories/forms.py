from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from reporting.inventories.models import ConsolidationChoice

GWP_SETS = [(name, name) for name in ("AR6", "AR5", "AR4", "SAR")]


class BuildForm(forms.Form):
    park_code = forms.ChoiceField(label=_("Park"))
    inner_park = forms.ChoiceField(
        label=_("Boundary"),
        required=False,
        help_text=_("Empty: the whole park. Else what stands in a park within it, by the month."),
    )
    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    consolidation = forms.ChoiceField(
        label=_("Consolidation approach"), choices=ConsolidationChoice.choices
    )
    gwp_set = forms.ChoiceField(label=_("GWP set"), choices=GWP_SETS)
    sold_certificates_mwh = forms.DecimalField(
        label=_("Certificates sold of self-generated power (MWh)"), min_value=0, initial=0
    )
    denominators = forms.CharField(
        label=_("Per what (intensity)"),
        required=False,
        widget=forms.Textarea,
        help_text=_("One a line: Chinese name | amount | unit | English name."),
    )
    suppliers = forms.CharField(
        label=_("Suppliers' own factors (market-based)"),
        required=False,
        widget=forms.Textarea,
        help_text=_("One a line: name | MWh | tCO2e per MWh | evidence."),
    )
    judged = forms.CharField(
        label=_("Significance by category of the value chain"),
        required=False,
        widget=forms.Textarea,
        help_text=_("One a line: category code | yes or no | criteria | reason."),
    )
    significance = forms.CharField(
        label=_("Significance criteria for indirect emissions"),
        required=False,
        widget=forms.Textarea,
    )

    def _rows(self, field: str, names: Sequence[str], *, least: int) -> list[dict[str, str]]:
        """A line of cells apart by "|" for each row, by name."""
        found = []
        for line in self.cleaned_data[field].splitlines():
            cells = [cell.strip() for cell in line.split("|")]
            if not line.strip():
                continue
            if not least <= len(cells) <= len(names):
                message = _now("“%(line)s” has not the cells that are asked for.") % {"line": line}
                raise forms.ValidationError(message)
            found.append(dict(zip(names, cells, strict=False)))
        return found

    def clean_denominators(self) -> list[dict[str, str]]:
        return self._rows("denominators", ("name_zh", "amount", "unit", "name_en"), least=3)

    def clean_suppliers(self) -> list[dict[str, str]]:
        return self._rows("suppliers", ("name", "mwh", "tco2e_per_mwh", "evidence"), least=4)

    def clean_judged(self) -> list[dict[str, Any]]:
        rows = self._rows("judged", ("part", "is_significant", "criteria", "reason"), least=3)
        yes = {"yes", "y", "是"}
        return [{**row, "is_significant": row["is_significant"].lower() in yes} for row in rows]


class ReasonForm(forms.Form):
    change = forms.ChoiceField(
        label=_("What changed"),
        choices=[
            ("ERROR", _("an error")),
            ("METHOD", _("method")),
            ("FACTOR", _("factors")),
            ("STRUCTURE", _("structure")),
            ("ORGANIC", _("opening or closing in the normal course")),
        ],
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)
