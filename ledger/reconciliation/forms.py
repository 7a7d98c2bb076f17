from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.reconciliation.states import BreakKind


class Reason(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


class Assign(forms.Form):
    owner = forms.ChoiceField(label=_("in charge"))


class AssignMany(Assign):
    """All open breaks that fit; an empty field fits all."""

    kind = forms.ChoiceField(
        label=_("kind"), required=False, choices=[("", "—"), *BreakKind.choices]
    )
    account = forms.ChoiceField(label=_("account"), required=False)
    scheme = forms.ChoiceField(label=_("scheme"), required=False)
    vintage_year = forms.IntegerField(
        label=_("vintage year"), required=False, min_value=1990, max_value=2200
    )
    field_order = ["account", "scheme", "vintage_year", "kind", "owner"]


class Note(forms.Form):
    text = forms.CharField(
        label=_("text"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class Evidence(forms.Form):
    file = forms.FileField(
        label=_("File"), help_text=_("It is kept with the break and cannot be taken away.")
    )
    text = forms.CharField(label=_("text"), max_length=2000, required=False)


class Correct(Reason):
    counter_account = forms.ChoiceField(
        label=_("the other account"),
        required=False,
        help_text=_("Where the units come from that are missing here, or go to."),
    )
    lot = forms.ChoiceField(
        label=_("lot"), required=False, help_text=_("Only where several lots could be meant.")
    )
    field_order = ["counter_account", "lot", "reason"]


class LiftBlock(Reason):
    vintage = forms.ChoiceField(label=_("account and vintage"))
    expires_on = forms.DateField(
        label=_("first day without it"),
        help_text=_("On this day the vintage is blocked again."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    deadline_on = forms.DateField(
        label=_("deadline"),
        help_text=_("The near day that the units are needed for, such as that of a surrender."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ["vintage", "deadline_on", "expires_on", "reason"]
