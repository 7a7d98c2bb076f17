from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.repos.states import AgreementKind
from ledger.accounts.queries import find_account
from ledger.instruments import queries as instruments
from ledger.kernel.day_counts import DayCount
from ledger.units import queries as units

BASES = (DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_ACT_ISDA, DayCount.THIRTY_E_360)
CURRENCIES = [(code, code) for code in ("CNY", "EUR", "USD")]


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


def _money(label: Any, *, places: int = 2, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=18, decimal_places=places, min_value=0, required=False,
        help_text=help_text,
    )  # fmt: skip


class _Agreement(forms.Form):
    """What both sides agree on; the other's account is named by its number."""

    number = forms.CharField(label=_("contract number"), max_length=80)
    kind = forms.ChoiceField(label=_("kind"), choices=AgreementKind)
    registry = forms.ChoiceField(label=_("registry of the other party's account"))
    account_number = forms.CharField(label=_("number of the other party's account"), max_length=80)
    unit_count = forms.IntegerField(label=_("units"), min_value=1)
    starts_on = _day(_("starts on"))
    ends_on = _day(_("ends on"))
    currency = forms.ChoiceField(label=_("currency"), choices=CURRENCIES)
    first_price = _money(_("price of the sale"), places=6, help_text=_("A repo: per unit."))
    second_price = _money(_("price of the buy-back"), places=6, help_text=_("A repo: per unit."))
    day_count = forms.ChoiceField(
        label=_("day count"), choices=[(one.value, one.value) for one in BASES]
    )
    fee = _money(_("fee"))
    deposit = _money(_("deposit"))
    manager_share = forms.DecimalField(
        label=_("manager's share of a gain"), min_value=0, max_value=1, max_digits=7,
        decimal_places=6, required=False, help_text=_("A custody: 0.2 is 20 %."),
    )  # fmt: skip
    loss_floor = _money(_("loss that the owner bears at most"))
    usable_for_year = forms.IntegerField(
        label=_("returned units must serve the year"), min_value=2019, max_value=2100,
        required=False, help_text=_("A lending: empty means the same vintage comes back."),
    )  # fmt: skip
    may_reuse = forms.BooleanField(
        label=_("the taker may use the units"), required=False, initial=True
    )
    evidence = forms.CharField(label=_("evidence"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["registry"]
        field.choices = instruments.registry_choices()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = find_account(
            registry=data.get("registry", ""), number=data.get("account_number", "")
        )
        if found is None:
            raise forms.ValidationError(_("There is no account of this number."))
        data["other_account_id"] = found.pk
        return data


class GiveUnits(_Agreement):
    """One's own units go to somebody: sold with a promise to buy back, lent, put in custody."""

    place = forms.ChoiceField(label=_("lot and account of the giver"))
    field_order = ["number", "kind", "place"]


class TakeUnits(_Agreement):
    """Somebody's units come: bought with a promise to sell back, borrowed, taken into custody."""

    lot_code = forms.CharField(label=_("code of the lot"), max_length=80)
    account = forms.ChoiceField(label=_("own account that receives"))
    field_order = ["number", "kind", "registry", "account_number", "lot_code", "account"]

    def clean_lot_code(self) -> UUID:
        found = units.find_lot(self.cleaned_data["lot_code"].strip())
        if found is None:
            raise forms.ValidationError(_("There is no lot of this code."))
        return found.id


class Start(forms.Form):
    happened_on = _day(_("happened on"))
    evidence = forms.CharField(label=_("evidence"), max_length=300, required=False)


class Return(Start):
    lot = forms.ChoiceField(label=_("lot"))
    unit_count = forms.IntegerField(label=_("units"), min_value=1)
    field_order = ["lot", "unit_count"]


class Reason(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=300)
