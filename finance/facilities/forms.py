"""What acts on facilities ask for; forms only validate."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.facilities.states import DAY_COUNTS, Comparison, LineKind, Plan, RateKind

BY_HAND = [(one.value, one.label) for one in LineKind if one is not LineKind.DRAWN]


def _amount(label: Any, places: int = 2) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=20, decimal_places=places)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


def _text(label: Any, longest: int = 300, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required)


def _whole(label: Any, low: int, high: int, initial: int | None = None) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=low, max_value=high, initial=initial)


class EnterFacility(forms.Form):
    code = _text(_("number"), 40)
    lender_id = forms.ChoiceField(label=_("lender"))
    limit_amount = _amount(_("limit"))
    rate_kind = forms.ChoiceField(label=_("interest"), choices=RateKind)
    rate_bps = _whole(_("rate, or margin over LPR, basis points a year"), -999, 9999)
    reset_months = _whole(_("months between resets of LPR"), 1, 120, 12)
    day_count = forms.ChoiceField(label=_("day count"), choices=DAY_COUNTS)
    plan = forms.ChoiceField(label=_("repayment"), choices=Plan)
    period_months = _whole(_("months between payments"), 1, 120, 3)
    grace_months = _whole(_("months without repayment at first"), 0, 360, 0)
    starts_on = _day(_("begins on"))
    matures_on = _day(_("matures on"))
    is_secured = forms.BooleanField(
        label=_("secured by a pledge of units"),
        required=False,
        initial=True,
        help_text=_("Then nothing is drawn before the pledge is registered twice."),
    )
    purpose = _text(_("use of proceeds"))
    evidence = _text(_("contract"))


class Draw(forms.Form):
    amount = _amount(_("amount"))
    drawn_on = _day(_("drawn on"))
    evidence = _text(_("evidence"))
    text = _text(_("note"), required=False)


class RecordLine(forms.Form):
    kind = forms.ChoiceField(label=_("kind"), choices=BY_HAND)
    amount = _amount(_("amount"))
    happened_on = _day(_("day"))
    payee = _text(_("payee"), 200, required=False)
    evidence = _text(_("evidence"))
    text = _text(_("note"), required=False)


class SetMarginStep(forms.Form):
    indicator = _text(_("indicator"), 120)
    year = _whole(_("year of the figure"), 2000, 2100)
    comparison = forms.ChoiceField(label=_("target is"), choices=Comparison)
    target = _amount(_("target"), 6)
    measure = _text(_("measure"), 40)
    met_bps = _whole(_("change when met, basis points"), -999, 999)
    missed_bps = _whole(_("change when missed, basis points"), -999, 999)
    applies_on = _day(_("applies from"))
    evidence = _text(_("contract"))


class DrawFigure(forms.Form):
    step_id = forms.ChoiceField(label=_("margin step"))
    source = forms.ChoiceField(
        label=_("verified figure"),
        help_text=_("Totals of the borrower's inventories on which an opinion stands today."),
    )


class RecordFigure(forms.Form):
    indicator = _text(_("indicator"), 120)
    year = _whole(_("year of the figure"), 2000, 2100)
    value = _amount(_("verified figure"), 6)
    verified_by = _text(_("verified by"), 200)
    opinion = _text(_("document of the opinion"))


class PromiseSubsidy(forms.Form):
    bps = _whole(_("subsidised, basis points a year"), 1, 9999)
    starts_on = _day(_("from"))
    ends_on = _day(_("until before"))
    granted_by = _text(_("granted by"), 200)
    evidence = _text(_("evidence"))


class Reason(forms.Form):
    reason = _text(_("reason"))


class Evidence(forms.Form):
    evidence = _text(_("evidence"))
