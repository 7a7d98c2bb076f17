"""What an act on units asks for; forms only validate."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.accounts.queries import find_account
from ledger.units.rules import parse_ranges

# grouped digits count as one number only where nothing else stands before them
_GROUPED = re.compile(r"\d{1,3}(?:[,，\s]\d{3})+")
_SERIAL = re.compile(r"(?P<prefix>.*?)(?P<number>\d+)")


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


class PlaceForm(forms.Form):
    """Which positions a page shows; everything may be left open."""

    party = forms.ChoiceField(label=_("party"), required=False)
    account = forms.ChoiceField(label=_("account"), required=False)
    scheme = forms.ChoiceField(label=_("scheme"), required=False)
    vintage = forms.IntegerField(
        label=_("vintage year"), required=False, min_value=1990, max_value=2200
    )

    def __init__(self, data: Any, *, choices: Mapping[str, list[tuple[str, str]]]) -> None:
        super().__init__(data)
        for name, found in choices.items():
            field: Any = self.fields[name]
            field.choices = [("", "—"), *found]
        if not choices.get("party"):
            del self.fields["party"]


class HoldingsForm(PlaceForm):
    state = forms.ChoiceField(label=_("state"), required=False)
    day = forms.DateField(
        label=_("at the end of the day"),
        required=False,
        help_text=_("Empty: now."),
        widget=forms.DateInput(),
    )


class HistoryForm(PlaceForm):
    kind = forms.ChoiceField(label=_("kind"), required=False)
    since = forms.DateField(label=_("from day"), required=False, widget=forms.DateInput())
    until = forms.DateField(label=_("to day"), required=False, widget=forms.DateInput())


class SerialForm(forms.Form):
    """ "1,234,567", "1 234 567" or "VCS-2020-1234567": a number, with or without its series."""

    serial = forms.CharField(
        label=_("Serial number"),
        max_length=140,
        help_text=_("For example 1,234,567; with its series where one number is in several."),
    )
    day = forms.DateField(
        label=_("at the end of the day"), required=False, widget=forms.DateInput()
    )

    def clean_serial(self) -> tuple[str | None, int]:
        text = self.cleaned_data["serial"].strip()
        if _GROUPED.fullmatch(text):
            text = re.sub(r"\D", "", text)
        found = _SERIAL.fullmatch(text)
        if found is None or int(found["number"]) >= 2**63:
            raise forms.ValidationError(_("This does not end in a serial number."))
        return found["prefix"] or None, int(found["number"])
