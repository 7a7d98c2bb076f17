"""What the acts on trades ask for; forms only validate."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.trades.states import Draw, Method, Mode, Order, VatKind
from ledger.instruments import queries as instruments
from ledger.units.forms import RangesField

CURRENCIES = [("CNY", "CNY"), ("EUR", "EUR"), ("USD", "USD"), ("GBP", "GBP")]
LARGEST = 2**63 - 1


def _amount(label: Any, *, help_text: Any = "", places: int = 2, required: bool = False) -> Any:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        required=required,
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=places,
    )


def _schemes() -> list[tuple[str, str]]:
    return [(one.code, f"{one.code} · {one}") for one in instruments.schemes()]


class TradeForm(forms.Form):
    """What purchases and sales have in common."""

    mode = forms.ChoiceField(label=_("kind of trade"), choices=Mode.choices)
    unit_count = forms.IntegerField(label=_("units"), min_value=1, max_value=LARGEST)
    unit_price = _amount(_("price of a unit"), places=4, required=True)
    currency = forms.ChoiceField(label=_("currency"), choices=CURRENCIES)
    rate_cny = _amount(
        _("CNY for one of the currency"),
        places=8,
        help_text=_("Empty: the rate of the day, as the prices have it."),
    )
    traded_on = forms.DateField(label=_("traded on"), widget=forms.DateInput())
    settles_on = forms.DateField(label=_("settles on"), widget=forms.DateInput())
    fee = _amount(_("fees"), help_text=_("Of the exchange and the broker, all together."))
    tax = _amount(_("other taxes"))
    vat_kind = forms.ChoiceField(label=_("VAT"), choices=VatKind.choices)
    counterparty = forms.CharField(label=_("counterparty"), max_length=120, required=False)
    counter_account_number = forms.CharField(
        label=_("counterparty's account"),
        max_length=60,
        required=False,
        help_text=_("Its number in the registry; empty: the market's, where nobody is named."),
    )
    venue = forms.CharField(label=_("exchange or broker"), max_length=120, required=False)
    reference = forms.CharField(
        label=_("deal number"),
        max_length=80,
        required=False,
        help_text=_("By it a line of the broker's statement finds the trade."),
    )
    previous_close = _amount(
        _("previous close"),
        places=4,
        help_text=_("Empty: as the prices have it. It gives the limits of the day."),
    )
    note = forms.CharField(label=_("note"), max_length=300, required=False)


class PurchaseForm(TradeForm):
    account = forms.ChoiceField(label=_("into the account"))
    scheme = forms.ChoiceField(label=_("instrument"), choices=_schemes)
    vintage_year = forms.IntegerField(label=_("vintage"), min_value=1990, max_value=2200)
    is_vat_deductible = forms.BooleanField(
        label=_("VAT is deductible"), required=False, help_text=_("Then it is no cost.")
    )
    field_order = ["mode", "account", "scheme", "vintage_year", "unit_count", "unit_price"]


class SaleForm(TradeForm):
    place = forms.ChoiceField(label=_("lot and account"))
    draw = forms.ChoiceField(
        label=_("which units"),
        choices=Draw.choices,
        help_text=_("Free and bought units have costs of their own; the registry holds no two."),
    )
    picks = forms.MultipleChoiceField(
        label=_("cost lots named"),
        required=False,
        help_text=_("For specific identification: taken in this order until it is enough."),
    )
    field_order = ["mode", "place", "unit_count", "unit_price"]


class SettleForm(forms.Form):
    settled_on = forms.DateField(label=_("settled on"), widget=forms.DateInput())
    unit_count = forms.IntegerField(
        label=_("units"),
        min_value=1,
        max_value=LARGEST,
        required=False,
        help_text=_("Empty: all that are open."),
    )
    ranges = RangesField()
    reason = forms.CharField(label=_("note"), max_length=300, required=False)


class SettlePurchaseForm(SettleForm):
    series = forms.CharField(
        label=_("serial prefix"),
        max_length=120,
        required=False,
        help_text=_("For units with serial numbers whose series is not in the books yet."),
    )
    lot = forms.ChoiceField(
        label=_("lot"),
        required=False,
        help_text=_("Empty: the lot of this instrument and vintage; made if there is none."),
    )
    entry = forms.ChoiceField(
        label=_("delivered already by"),
        required=False,
        help_text=_("Where the seller's own entry or an import has brought the units."),
    )
    field_order = ["settled_on", "unit_count", "lot", "series", "ranges", "entry", "reason"]


class FailForm(forms.Form):
    failed_on = forms.DateField(label=_("failed on"), widget=forms.DateInput())
    settles_on = forms.DateField(
        label=_("to be settled on"), required=False, widget=forms.DateInput()
    )
    reason = forms.CharField(label=_("reason"), max_length=300)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=300)


class ReverseForm(ReasonForm):
    undone_on = forms.DateField(label=_("reversed on"), widget=forms.DateInput())
    field_order = ["undone_on", "reason"]


class PolicyForm(ReasonForm):
    year = forms.IntegerField(label=_("from the year"), min_value=2000, max_value=2200)
    method = forms.ChoiceField(label=_("costing method"), choices=Method.choices)
    order = forms.ChoiceField(
        label=_("order"),
        choices=Order.choices,
        help_text=_("Which units leave first where nobody says which."),
    )
    field_order = ["year", "method", "order", "reason"]


class ToldCostForm(forms.Form):
    spot = forms.ChoiceField(
        label=_("units"), help_text=_("What came without a trade, and is still without a cost.")
    )
    is_free = forms.BooleanField(label=_("allocated free"), required=False)
    cost_cny = _amount(_("cost, CNY"), help_text=_("Of all of these units together."))
    evidence = forms.CharField(label=_("evidence"), max_length=300)


class PeriodForm(forms.Form):
    """A period and an instrument, to look at."""

    since = forms.DateField(label=_("from day"), widget=forms.DateInput())
    until = forms.DateField(label=_("to day"), widget=forms.DateInput())
    scheme = forms.ChoiceField(label=_("instrument"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            raise forms.ValidationError(_("The last day is before the first."))
        return data


class LotsForm(forms.Form):
    day = forms.DateField(
        label=_("at the end of the day"),
        required=False,
        help_text=_("Empty: now."),
        widget=forms.DateInput(),
    )
    scheme = forms.ChoiceField(label=_("instrument"), required=False)


class BatchForm(forms.Form):
    since = forms.DateField(label=_("from day"), widget=forms.DateInput())
    until = forms.DateField(label=_("to day"), widget=forms.DateInput())

    clean = PeriodForm.clean


class MatchForm(ReasonForm):
    trade = forms.ChoiceField(label=_("trade"))
    field_order = ["trade", "reason"]
