from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.holds.states import HoldKind
from ledger.parties import queries as parties


def _creditors() -> list[tuple[Any, Any]]:
    found = [
        (str(party.pk), parties.shown_name(party))
        for kind in ("BANK", "FUND")
        for party in parties.parties(kind=kind)
    ]
    return [("", "—"), *found]


class PlaceHold(forms.Form):
    kind = forms.ChoiceField(label=_("kind"), choices=HoldKind.choices)
    place = forms.ChoiceField(label=_("lot and account"))
    unit_count = forms.IntegerField(label=_("units"), min_value=1)
    in_favour_of = forms.ChoiceField(label=_("in favour of"), choices=_creditors, required=False)
    order_number = forms.CharField(
        label=_("order or document"),
        max_length=120,
        required=False,
        help_text=_("A freeze needs the number of its order."),
    )
    purpose = forms.CharField(label=_("purpose"), max_length=200, required=False)
    expires_on = forms.DateField(
        label=_("expires on"),
        required=False,
        help_text=_("The first day on which the units are no longer held."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class ReleaseHold(forms.Form):
    unit_count = forms.IntegerField(
        label=_("units"), min_value=1, required=False, help_text=_("Empty: all of them.")
    )
    order_number = forms.CharField(label=_("order or document"), max_length=120, required=False)
    reason = forms.CharField(label=_("reason"), max_length=200)


class CaptureHold(ReleaseHold):
    registry = forms.ChoiceField(label=_("registry"))
    account_number = forms.CharField(label=_("into the account"), max_length=60)
    field_order = ["registry", "account_number", "unit_count", "order_number", "reason"]
