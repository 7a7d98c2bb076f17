"""What an act on units asks for; forms only validate."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.accounts.queries import find_account
from ledger.units.rules import parse_ranges


class RangesField(forms.CharField):
    """Text like "1-100, 201-250" → [(1, 100), (201, 250)]; empty: the lowest serials are taken."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Serial numbers"),
            required=False,
            help_text=_("For example 1-100, 201-250. Left empty, the lowest numbers are taken."),
        )

    def clean(self, value: Any) -> list[tuple[int, int]]:
        text = super().clean(value)
        try:
            return parse_ranges(text)
        except ValueError as error:
            raise forms.ValidationError(_("Ranges look like 1-100, 201-250.")) from error


class MoveForm(forms.Form):
    unit_count = forms.IntegerField(label=_("Units"), min_value=1, max_value=2**63 - 1)
    ranges = RangesField()
    happened_on = forms.DateField(label=_("Happened on"))
    reason = forms.CharField(label=_("Reason"), max_length=500)


class TransferForm(MoveForm):
    registry = forms.ChoiceField(label=_("Registry of the receiving account"))
    number = forms.CharField(label=_("Number of the receiving account"), max_length=80)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = find_account(registry=data.get("registry", ""), number=data.get("number", ""))
        if found is None:
            raise forms.ValidationError(_("There is no account of this number."))
        data["to_account_id"] = found.pk
        return data


class RetireForm(MoveForm):
    beneficiary_id = forms.ChoiceField(label=_("Beneficiary"))
    purpose = forms.CharField(label=_("Purpose"), max_length=500)


class SurrenderForm(MoveForm):
    obligation = forms.CharField(label=_("Obligation"), max_length=120)


class ReverseForm(forms.Form):
    happened_on = forms.DateField(label=_("Happened on"))
    reason = forms.CharField(label=_("Reason"), max_length=500)
