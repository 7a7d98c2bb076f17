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
    # a freeze has its order, and a form of its own
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=[one for one in HoldKind.choices if one[0] != HoldKind.FREEZE],
    )
    place = forms.ChoiceField(label=_("lot and account"))
    unit_count = forms.IntegerField(label=_("units"), min_value=1)
    in_favour_of = forms.ChoiceField(label=_("in favour of"), choices=_creditors, required=False)
    order_number = forms.CharField(
        label=_("order or document"),
        max_length=120,
        required=False,
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


class Order(forms.Form):
    order_number = forms.CharField(label=_("order or document"), max_length=120)
    order_body = forms.CharField(label=_("ordered by"), max_length=120)
    begins_on = forms.DateField(
        label=_("in force since"), widget=forms.DateInput(attrs={"type": "date"})
    )
    expires_on = forms.DateField(
        label=_("expires on"),
        help_text=_("The first day on which the units are no longer held."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    evidence = forms.CharField(label=_("evidence"), max_length=300)


class FreezeByOrder(Order):
    place = forms.ChoiceField(label=_("lot and account"))
    unit_count = forms.IntegerField(label=_("units"), min_value=1)
    field_order = ["place", "unit_count"]


class CancelTransfer(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=300)


class CancelCertificates(forms.Form):
    project = forms.ChoiceField(label=_("project"))
    first_day = forms.DateField(
        label=_("first day of the period"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label=_("last day of the period"), widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(label=_("reason"), max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and first > last:
            raise forms.ValidationError(_("The period must end after it starts."))
        return data
