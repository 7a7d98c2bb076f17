from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from finance.ppas.rules import terms
from finance.ppas.states import (
    ContractKind,
    DeviationOf,
    Grain,
    Matching,
    MatchPurpose,
    PartKind,
    QuantityRule,
    RuleKind,
    Side,
    Tariff,
)
from ledger.doors.wording import refusal_text
from ledger.kernel.errors import DomainError

PERCENT = Decimal(100)


class Month(forms.DateField):
    """A calendar month, by any of its days."""

    def __init__(self, **given: Any) -> None:
        given.setdefault("help_text", _("Any day of the month will do."))
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}), **given)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        return day.replace(day=1) if day else day


class Percent(forms.DecimalField):
    """A percentage with two decimals; clean: basis points."""

    def __init__(self, **given: Any) -> None:
        super().__init__(min_value=0, max_digits=8, decimal_places=2, **given)

    def clean(self, value: Any) -> Any:
        share = super().clean(value)
        return int(share * PERCENT) if share is not None else 0


def _price(**given: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=_("price, CNY/kWh"), min_value=0, max_digits=14, decimal_places=8, **given
    )


def _basis() -> forms.CharField:
    return forms.CharField(
        label=_("basis"), max_length=200, help_text=_("Clause of the contract, or notice.")
    )


class EnterContract(forms.Form):
    number = forms.CharField(label=_("contract number"), max_length=60)
    title = forms.CharField(label=_("title"), max_length=160)
    kind = forms.ChoiceField(label=_("kind"), choices=ContractKind.choices)
    seller = forms.ChoiceField(label=_("seller"))
    buyer = forms.ChoiceField(label=_("buyer"))
    first_month = Month(label=_("first month"))
    last_month = Month(label=_("last month"))
    region = forms.CharField(
        label=_("province"), max_length=6, required=False, help_text=_("Six digits, as 330000.")
    )
    quantity_rule = forms.ChoiceField(
        label=_("settled quantity"),
        choices=QuantityRule.choices,
        help_text=_("The three-way minimum is customary; provinces vary (not verified)."),
    )
    matching = forms.ChoiceField(label=_("matching"), choices=Matching.choices)
    tariff_hours = forms.CharField(
        label=_("hours of use"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "24 letters, from midnight on: S sharp peak, P peak, F flat, V valley, D deep valley; "
            "or 288, month by month. Empty: one price for all hours."
        ),
    )
    is_bundled = forms.BooleanField(
        label=_("certificates come with the power"), required=False, initial=True
    )
    is_direct = forms.BooleanField(label=_("directly connected"), required=False)
    agreement = forms.CharField(label=_("connection agreement"), max_length=200, required=False)
    line = forms.CharField(label=_("line or node"), max_length=200, required=False)
    evidence = forms.CharField(label=_("evidence"), max_length=300)

    def clean_tariff_hours(self) -> str:
        try:
            return terms.tariff_of(self.cleaned_data["tariff_hours"])
        except DomainError as error:
            raise ValidationError(refusal_text(error)) from error


class AddPrice(forms.Form):
    kind = forms.ChoiceField(label=_("price part"), choices=PartKind.choices)
    tariff = forms.ChoiceField(
        label=_("hours of use"),
        choices=Tariff.choices,
        required=False,
        help_text=_("The green premium is one price for all hours."),
    )
    cny_per_kwh = _price()
    valid_from = Month(label=_("valid from"))
    basis = _basis()


class SetVolumes(forms.Form):
    volumes = forms.CharField(
        label=_("contracted quantities"),
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_(
            "One line each, in MWh: 2025-01 1240, or a whole year: 2025 20000. Hour by hour: the "
            "month and 24 numbers for each of its days."
        ),
    )

    def clean_volumes(self) -> str:
        text = str(self.cleaned_data["volumes"])
        try:
            if not terms.read_volumes(text):
                raise ValidationError(_("Write at least one line."))
        except DomainError as error:
            raise ValidationError(refusal_text(error)) from error
        return text


class SetDeviation(forms.Form):
    of = forms.ChoiceField(label=_("deviation"), choices=DeviationOf.choices)
    kind = forms.ChoiceField(label=_("rule"), choices=RuleKind.choices)
    rate_bps = Percent(label=_("share of the price, %"), required=False)
    tolerance_bps = Percent(
        label=_("free band, %"), required=False, help_text=_("Of the contracted quantity.")
    )
    cny_per_kwh = _price(required=False)
    valid_from = Month(label=_("valid from"))
    basis = _basis()
    is_unverified = forms.BooleanField(
        label=_("unverified"),
        required=False,
        help_text=_("The source of the rule could not be read; statements say so."),
    )


class AttachPoint(forms.Form):
    point = forms.ChoiceField(label=_("metering point"))
    share_bps = Percent(label=_("share, %"), initial=100)


class Reason(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


class Months(forms.Form):
    first = Month(label=_("first month"))
    last = Month(label=_("last month"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first") and data.get("last") and data["first"] > data["last"]:
            raise ValidationError(_("The last month is before the first."))
        return data


class OfMonth(forms.Form):
    month = Month(label=_("month"))


class Claim(forms.Form):
    purpose = forms.CharField(label=_("purpose"), max_length=200)


class Match(forms.Form):
    entry = forms.ChoiceField(
        label=_("delivery"), help_text=_("Entries that brought the buyer certificates.")
    )
    purpose = forms.ChoiceField(label=_("for"), choices=MatchPurpose.choices)


class Deliver(forms.Form):
    place = forms.ChoiceField(label=_("lot and account"))
    to_account = forms.ChoiceField(label=_("buyer's account"))
    unit_count = forms.IntegerField(label=_("certificates"), min_value=1)
    purpose = forms.ChoiceField(label=_("for"), choices=MatchPurpose.choices)


class RegisterPoint(forms.Form):
    code = forms.CharField(
        label=_("metering point"), max_length=60, help_text=_("As files of meter rows call it.")
    )
    name = forms.CharField(label=_("name"), max_length=160)
    side = forms.ChoiceField(label=_("metered side"), choices=Side.choices)
    grain = forms.ChoiceField(label=_("rows"), choices=Grain.choices)
    plant = forms.ChoiceField(
        label=_("plant"), required=False, help_text=_("For a point of generation.")
    )
    user = forms.ChoiceField(
        label=_("user of the power"), required=False, help_text=_("For a point of consumption.")
    )


class UploadRows(forms.Form):
    file = forms.FileField(
        label=_("file"),
        help_text=_(
            "CSV or XLSX with the columns point, time, energy, unit. Hours as 2025-01-31 23:00 in "
            "Beijing time, months as 2025-01. It is taken in whole, or every bad row is named."
        ),
    )
    reason = forms.CharField(
        label=_("reason of corrections"),
        max_length=200,
        required=False,
        help_text=_("A row that says otherwise than before becomes its next version."),
    )
