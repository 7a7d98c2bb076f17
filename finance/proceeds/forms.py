"""What acts on raised money ask for; forms only validate."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.proceeds.states import Category, RaisingKind, Stance, Tag

BASES = [("365", "365"), ("360", "360")]


def _amount(label: Any, *, least: int | None = 0) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=20, decimal_places=2, min_value=least)


def _measured(label: Any, *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=20, decimal_places=3, required=required)


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"})
    )


def _text(label: Any, longest: int = 200, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required)


class RegisterRaising(forms.Form):
    code = _text(_("code"), 40)
    kind = forms.ChoiceField(label=_("kind"), choices=RaisingKind)
    stance = forms.ChoiceField(
        label=_("whose it is"),
        choices=Stance,
        help_text=_("What is only held is a position: nothing is allocated of it."),
    )
    name_zh = _text(_("Chinese name"))
    name_en = _text(_("English name"), required=False)
    issuer = _text(_("issuer"), required=False)
    currency = forms.RegexField(label=_("currency"), regex=r"^[A-Z]{3}$", initial="CNY")
    principal = _amount(_("principal"))
    raised_amount = _amount(_("net proceeds"))
    coupon_bps = forms.IntegerField(
        label=_("coupon, basis points a year"), min_value=0, max_value=9999, required=False
    )
    raised_on = _day(_("raised on"))
    matures_on = _day(_("matures on"), required=False)
    category = forms.ChoiceField(label=_("category of use"), choices=Category)
    tag = forms.ChoiceField(label=_("green or transition"), choices=Tag)
    opinion = _text(_("third-party opinion"), 300, required=False)
    expected_tco2e = _measured(_("expected reduction, tCO2e a year"), required=False)
    expected_tce = _measured(_("expected saving, tce a year"), required=False)
    evidence = _text(_("evidence"), 300)


class RegisterProject(forms.Form):
    code = _text(_("code"), 40)
    name_zh = _text(_("Chinese name"))
    name_en = _text(_("English name"), required=False)
    category = forms.ChoiceField(label=_("category of use"), choices=Category)
    investment_amount = _amount(_("investment in all"))
    multiplier = forms.DecimalField(
        label=_("investment multiplier"),
        max_digits=4,
        decimal_places=2,
        required=False,
        help_text=_("By what the investment counts where a park multiplies it; empty: once."),
    )
    text = _text(_("note"), 300, required=False)


class Allocate(forms.Form):
    project_id = forms.ChoiceField(label=_("project"))
    amount = _amount(pgettext_lazy("money", "amount"), least=None)
    allocated_on = _day(_("allocated on"))
    tag = forms.ChoiceField(label=_("green or transition"), choices=Tag)
    evidence = _text(_("evidence"), 300)


class Spend(forms.Form):
    project_id = forms.ChoiceField(label=_("project"))
    amount = _amount(pgettext_lazy("money", "amount"))
    spent_on = _day(_("spent on"))
    payee = _text(_("payee"))
    evidence = _text(_("evidence"), 300)
    text = _text(_("note"), 300, required=False)


class GrantSubsidy(forms.Form):
    beneficiary_id = forms.ChoiceField(label=_("beneficiary"))
    loan = _text(_("loan"), 120)
    principal = _amount(_("principal"))
    subsidy_bps = forms.IntegerField(
        label=_("subsidised, basis points a year"), min_value=1, max_value=9999
    )
    starts_on = _day(_("from"))
    ends_on = _day(_("until before"))
    basis_days = forms.TypedChoiceField(label=_("days of a year"), choices=BASES, coerce=int)
    evidence = _text(_("evidence"), 300)


class RecordImpact(forms.Form):
    period_start = _day(_("from"))
    period_end = _day(_("until before"))
    reduced_tco2e = _measured(_("reduced, tCO2e"))
    saved_tce = _measured(_("saved, tce"))
    method = _text(pgettext_lazy("of an effect", "method"))
    verified_by = _text(_("verified by"), required=False)
    evidence = _text(_("evidence"), 300)


class RecordRating(forms.Form):
    agency = _text(_("given by"))
    scale = _text(_("rating"), 120)
    grade = _text(_("grade"), 40)
    document = _text(_("document"), 120)
    valid_from = _day(_("valid from"))
    valid_to = _day(_("valid until before"), required=False)
    evidence = _text(_("evidence"), 300)


class TakeBack(forms.Form):
    reason = _text(_("reason"), 300)
