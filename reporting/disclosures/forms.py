from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.disclosures.states import EntryKind


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
        label=_("Revenue, 10^4 CNY"), min_value=0, max_digits=20, decimal_places=4, initial=0
    )
