"""What acts in a fund's books ask for; forms only validate."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.funds.states import (
    TOLD_BY_HAND,
    CallPurpose,
    DistributionKind,
    FeeBasis,
    FundKind,
    InvestmentKind,
    LegalForm,
    MoneyKind,
)


def _amount(label: Any, *, least: int | None = 0) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=20, decimal_places=2, min_value=least)


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"})
    )


def _evidence(*, required: bool = True) -> forms.CharField:
    return forms.CharField(label=_("evidence"), max_length=300, required=required)


def _price(*, required: bool) -> forms.DecimalField:
    return forms.DecimalField(
        label=_("price of a share"), max_digits=18, decimal_places=6, required=required
    )


def _note() -> forms.CharField:
    return forms.CharField(label=_("note"), max_length=300, required=False)


def _bps(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=9999)


class OpenFund(forms.Form):
    code = forms.CharField(label=_("code"), max_length=40)
    kind = forms.ChoiceField(label=_("kind"), choices=FundKind)
    legal_form = forms.ChoiceField(label=_("legal form"), choices=LegalForm)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    filing_number = forms.CharField(label=_("filing number"), max_length=60, required=False)
    currency = forms.RegexField(label=_("currency"), regex=r"^[A-Z]{3}$", initial="CNY")
    starts_on = _day(_("starts on"))
    ends_on = _day(_("ends on"), required=False)
    vehicle_id = forms.ChoiceField(
        label=_("party of the fund"),
        required=False,
        help_text=_("Whose accounts hold the fund's carbon units."),
    )
    evidence = _evidence()


class AddClass(forms.Form):
    code = forms.CharField(label=_("code"), max_length=20)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    money_kind = forms.ChoiceField(label=_("whose money"), choices=MoneyKind)


class SetTerms(forms.Form):
    valid_from = _day(_("valid from"))
    fee_bps = _bps(_("management fee, basis points a year"))
    fee_basis = forms.ChoiceField(label=_("fee on"), choices=FeeBasis)
    hurdle_bps = _bps(_("preferred return, basis points a year"))
    carry_bps = _bps(pgettext_lazy("fund", "carried interest, basis points of the gain"))
    evidence = _evidence()


class RecordCommitment(forms.Form):
    investor_id = forms.ChoiceField(label=_("investor"))
    share_class_id = forms.ChoiceField(label=_("class of shares"))
    amount = _amount(pgettext_lazy("money", "amount"), least=None)
    committed_on = _day(_("committed on"))
    evidence = _evidence()


class MakeCall(forms.Form):
    amount = _amount(pgettext_lazy("money", "amount"))
    purpose = forms.ChoiceField(label=_("called for"), choices=CallPurpose)
    share_class_id = forms.ChoiceField(
        label=_("class of shares"), required=False, help_text=_("Empty: of all classes.")
    )
    called_on = _day(_("called on"))
    due_on = _day(_("due on"))
    share_price = _price(required=True)
    text = _note()


class RecordPayment(forms.Form):
    amount = _amount(pgettext_lazy("money", "amount"))
    paid_on = _day(_("paid on"))
    evidence = _evidence()


class MakeDistribution(forms.Form):
    amount = _amount(pgettext_lazy("money", "amount"))
    kind = forms.ChoiceField(label=_("kind"), choices=DistributionKind)
    share_class_id = forms.ChoiceField(
        label=_("class of shares"), required=False, help_text=_("Empty: of all classes.")
    )
    paid_on = _day(_("paid on"))
    share_price = _price(required=False)
    text = _note()


class TellCash(forms.Form):
    kind = forms.ChoiceField(
        label=_("kind"), choices=[(one.value, one.label) for one in TOLD_BY_HAND]
    )
    amount = _amount(pgettext_lazy("money", "amount"))
    happened_on = _day(_("day"))
    investment_id = forms.ChoiceField(label=_("investment"), required=False)
    evidence = _evidence()
    text = _note()


class ApproveInvestment(forms.Form):
    code = forms.CharField(label=_("code"), max_length=40)
    kind = forms.ChoiceField(label=_("kind"), choices=InvestmentKind)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    party_id = forms.ChoiceField(label=_("party"), required=False)
    approved_amount = _amount(_("approved amount"))
    approved_on = _day(_("approved on"))
    evidence = _evidence()
    text = _note()


class ValueInvestment(forms.Form):
    valued_on = _day(_("valued on"))
    amount = _amount(pgettext_lazy("fund", "value"))
    method = forms.CharField(label=_("method"), max_length=200)
    evidence = _evidence()


class PublishNav(forms.Form):
    valued_on = _day(_("valued on"))
    note = _note()


class TakeBack(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=300)


class TellIndexLevel(forms.Form):
    code = forms.CharField(label=_("index"), max_length=40)
    on = _day(_("day"))
    level = forms.DecimalField(label=_("level"), max_digits=18, decimal_places=6, min_value=0)
    source = forms.CharField(label=_("source"), max_length=200)
