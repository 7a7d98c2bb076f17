"""What setting thresholds asks for; forms only validate."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.approvals.rules import MOST_APPROVERS, OddThresholds, check_tiers


class TiersField(forms.CharField):
    """Text like "0:1, 10000:2" → [[0, 1], [10000, 2]]."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Approvers from so many units"),
            help_text=_(
                "For example 0:0, 1000:1, 100000:2: none below 1,000 units, one from there, "
                "two from 100,000."
            ),
        )

    def clean(self, value: Any) -> list[list[int]]:
        text = super().clean(value).replace("，", ",").replace("：", ":")
        try:
            pairs = [part.split(":") for part in text.split(",") if part.strip()]
            tiers = [[int(start), int(count)] for start, count in pairs]
            check_tiers(tiers)
        except (ValueError, OddThresholds) as error:
            said = _(
                "Thresholds look like 0:1, 10000:2 and rise from 0; at most %(most)s approvers."
            )
            raise forms.ValidationError(said % {"most": MOST_APPROVERS}) from error
        return tiers


class SetThresholds(forms.Form):
    act = forms.ChoiceField(
        label=_("Which act"),
        required=False,
        help_text=_("Empty: all moving acts without a line of their own."),
    )
    tiers = TiersField()
    valid_from = forms.DateField(
        label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)
