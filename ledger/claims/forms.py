from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.claims.states import ClaimUse


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"})


class ClaimUnits(forms.Form):
    place = forms.ChoiceField(label=_("lot and account"))
    unit_count = forms.IntegerField(label=_("units"), min_value=1)
    use = forms.ChoiceField(label=_("use"), choices=ClaimUse.choices)
    purpose = forms.CharField(label=_("purpose"), max_length=200)
    country = forms.CharField(
        label=_("country"),
        max_length=2,
        required=False,
        help_text=_("Two letters, for a redemption of I-REC: where the power was used."),
    )
    first_day = forms.DateField(label=_("first day of the period"), widget=_day())
    last_day = forms.DateField(label=_("last day of the period"), widget=_day())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and first > last:
            raise ValidationError(_("The period must end after it starts."))
        return data


class RecordGeneration(forms.Form):
    plant = forms.ChoiceField(label=_("plant"))
    month = forms.DateField(
        label=_("month"), help_text=_("The first day of the month."), widget=_day()
    )
    metered_mwh = forms.DecimalField(
        label=_("metered, MWh"), max_digits=18, decimal_places=6, min_value=0
    )
    evidence = forms.CharField(label=_("evidence"), max_length=300)


class ReverseClaim(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


class ReverseIssue(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


class IssueCertificates(forms.Form):
    plant = forms.ChoiceField(label=_("plant"))
    month = forms.DateField(
        label=_("month"), help_text=_("The first day of the month."), widget=_day()
    )
    issuer = forms.ChoiceField(label=_("issuer's account"))
    account = forms.ChoiceField(label=_("into the account"))
    scheme = forms.ChoiceField(label=_("scheme"))
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=[("", _("ordinary")), ("SELF_USE", _("self-use, never traded"))],
        required=False,
    )
    basis_mwh = forms.DecimalField(
        label=_("of the month, MWh"),
        max_digits=18,
        decimal_places=6,
        min_value=0,
        required=False,
        help_text=_("Empty: all that is left of the metered month."),
    )
    serial_prefix = forms.CharField(label=_("serial prefix"), max_length=120, required=False)
    first_serial = forms.IntegerField(label=_("first serial"), min_value=0, initial=1)
