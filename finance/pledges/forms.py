"""What acts on pledges ask for; forms only validate."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.pledges.states import Court, Reference, Register, RequestKind


def _amount(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=20, decimal_places=2, min_value=0)


def _percent(label: Any, initial: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=6, decimal_places=2, min_value=1, max_value=999, initial=initial
    )


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"})
    )


def _text(label: Any, longest: int = 300, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required)


class Units(forms.Form):
    place = forms.ChoiceField(label=_("units of"))
    unit_count = forms.IntegerField(label=_("how many units"), min_value=1, max_value=2**62)


class SubmitPledge(forms.Form):
    facility_id = forms.ChoiceField(label=_("facility"))
    number = _text(_("number"), 40)
    place = forms.ChoiceField(label=_("units of"))
    unit_count = forms.IntegerField(label=_("how many units"), min_value=1, max_value=2**62)
    first_serial = forms.IntegerField(
        label=_("from serial number"),
        required=False,
        min_value=0,
        help_text=_("Empty: the lowest free ones."),
    )
    loan_percent = _percent(_("pledge rate, %"), 60)
    reference = forms.ChoiceField(label=_("reference price"), choices=Reference)
    target_percent = _percent(_("target LTV, %"), 60)
    warning_percent = _percent(_("warning line, %"), 70)
    top_up_percent = _percent(_("top-up line, %"), 80)
    close_out_percent = _percent(_("close-out line, %"), 90)
    cure_days = forms.IntegerField(
        label=_("working days to top up"), min_value=1, max_value=60, initial=3
    )
    has_haircut = forms.BooleanField(label=_("values by haircut of the vintage"), required=False)
    with_interest = forms.BooleanField(label=_("interest counts as owed"), required=False)
    ends_on = _day(_("ends on"), required=False)
    behind_id = forms.ChoiceField(label=_("stands behind"), required=False)
    consent_number = _text(_("consent of the first creditor"), 60, required=False)
    evidence = _text(_("pledge contract"))


class RegisterEntry(forms.Form):
    register = forms.ChoiceField(label=_("register"), choices=Register)
    number = _text(_("number"), 80)
    registered_on = _day(_("registered on"))
    expires_on = _day(_("expires on"), required=False)
    document = _text(_("document"))


class RecordProceeding(forms.Form):
    kind = forms.ChoiceField(label=_("kind"), choices=Court)
    number = _text(_("case number"), 120)
    opened_on = _day(_("opened on"))
    document = _text(_("document"))


class Ask(forms.Form):
    kind = forms.ChoiceField(label=_("what is asked"), choices=RequestKind)
    part_id = forms.ChoiceField(
        label=_("units to go"), required=False,
        help_text=_("For a partial release or a substitution."),
    )  # fmt: skip
    unit_count = forms.IntegerField(
        label=_("how many units"), required=False, min_value=1, max_value=2**62
    )
    place = forms.ChoiceField(
        label=_("units to come"), required=False, help_text=_("For a substitution.")
    )
    new_count = forms.IntegerField(
        label=_("how many units come"), required=False, min_value=1, max_value=2**62
    )
    reason = _text(_("reason"))


class Consent(forms.Form):
    answer = _text(_("answer"), required=False)
    repayment = _text(_("proof of repayment"), required=False)
    cancellation = _text(_("cancelled registration"), required=False)
    unfreezing = _text(_("lifted freeze"), required=False)


class Reason(forms.Form):
    reason = _text(_("reason"))


class Refuse(forms.Form):
    answer = _text(_("reason"))


class Enforce(forms.Form):
    registry = _text(_("registry of the buyer's account"), 30)
    number = _text(_("number of the buyer's account"), 80)
    sold_on = _day(_("sold on"))
    proceeds_amount = _amount(_("proceeds"))
    costs_amount = _amount(_("costs"))
    order_number = _text(_("court's leave"), 120, required=False)
    evidence = _text(_("evidence"))
