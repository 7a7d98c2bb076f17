from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.disclosures.states import EntryKind, ProjectKind, ProjectStage


class TellForm(forms.Form):
    """What is told of one data point; the unit is the data point's own."""

    frozen_inventory_id = forms.ChoiceField(label=_("Inventory of the period"))
    point = forms.ChoiceField(label=_("Data point"))
    kind = forms.ChoiceField(label=_("What you tell"), choices=EntryKind.choices)
    amount = forms.DecimalField(
        label=_("Figure"),
        required=False,
        max_digits=40,
        decimal_places=12,
        help_text=_("In the unit of the data point. A figure needs evidence."),
    )
    text_zh = forms.CharField(
        label=_("Text in Chinese"), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    text_en = forms.CharField(
        label=_("Text in English"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Last year's words stand here if there are any: change what has changed."),
    )
    evidence_id = forms.ChoiceField(
        label=_("Evidence"),
        required=False,
        help_text=_("A file that was stored before. Upload a new one on the page of files."),
    )


class CommentForm(forms.Form):
    point = forms.ChoiceField(label=_("Data point"))
    text = forms.CharField(
        label=_("Comment"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class TradingForm(forms.Form):
    """The two numbers of the simulation; both are assumptions."""

    share_percent = forms.DecimalField(
        label=_("Free allowances, per cent of last year's emissions"),
        min_value=0, max_value=200, max_digits=7, decimal_places=3, initial=97,
    )  # fmt: skip
    price_cny = forms.DecimalField(
        label=_("Price, CNY per tonne"), min_value=0, max_digits=12, decimal_places=2, initial=75
    )


class EntryForm(forms.Form):
    """What a newcomer plans in a year."""

    direct_tco2e = forms.DecimalField(
        label=_("Direct emissions, tCO2e"), min_value=0, max_digits=20, decimal_places=6, initial=0
    )
    power_mwh = forms.DecimalField(
        label=_("Grid power, MWh"), min_value=0, max_digits=20, decimal_places=6, initial=0
    )
    heat_gj = forms.DecimalField(
        label=_("Heat bought, GJ"), min_value=0, max_digits=20, decimal_places=6, initial=0
    )
    revenue = forms.DecimalField(
        label=_("Revenue, 10,000 CNY"), min_value=0, max_digits=20, decimal_places=4, initial=0
    )


class ProjectForm(forms.Form):
    """A sink or CCUS project; entered again under its number it is corrected."""

    park_id = forms.ChoiceField(label=_("Park or facility"))
    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$", label=_("Project number"), max_length=40,
        help_text=_("Your own number; letters, digits, dots and hyphens."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind of project"), choices=ProjectKind.choices)
    stage = forms.ChoiceField(label=_("Stage"), choices=ProjectStage.choices)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    methodology = forms.CharField(label=_("Methodology"), max_length=120, required=False)
    expected_tco2e = forms.DecimalField(
        label=_("Expected in a year, tCO2e"), min_value=0, max_digits=24, decimal_places=6
    )
    starts_on = forms.DateField(
        label=_("Begins on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("Runs until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    credit_project_id = forms.ChoiceField(
        label=_("Registered with a scheme as"),
        required=False,
        help_text=_("Only what a scheme issues is a credit; this register issues none."),
    )
    evidence_id = forms.ChoiceField(label=_("Evidence"), required=False)
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class RemovalForm(forms.Form):
    """What the project removed in a year."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    removed_tco2e = forms.DecimalField(
        label=_("Removed, tCO2e"), min_value=0, max_digits=24, decimal_places=6
    )
    method = forms.CharField(
        label=_("How it was reckoned"),
        max_length=400,
        help_text=_("E.g. area × growth × carbon fraction, or the meter of the captured gas."),
    )
    evidence_id = forms.ChoiceField(label=_("Evidence"))
