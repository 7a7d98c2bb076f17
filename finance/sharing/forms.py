"""What acts on agreements ask for; forms only validate."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from finance.sharing.states import AgreementKind, ParticipantRole

LINES = 5


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"})
    )


def _amount(label: Any, *, places: int = 2, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=20, decimal_places=places, min_value=0, required=required
    )


def _text(label: Any, longest: int = 300, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required)


class EnterAgreement(forms.Form):
    code = _text(_("code"), 40)
    kind = forms.ChoiceField(label=_("kind"), choices=AgreementKind)
    name_zh = _text(_("Chinese name"), 200)
    name_en = _text(_("English name"), 200, required=False)
    currency = forms.RegexField(label=_("currency"), regex=r"^[A-Z]{3}$", initial="CNY")
    starts_on = _day(_("starts on"))
    ends_on = _day(_("until before"), required=False)
    evidence = _text(_("evidence"))


class SetTerms(forms.Form):
    valid_from = _day(_("valid from"))
    basis = _text(_("what is shared"))
    evidence = _text(_("evidence"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, LINES + 1):
            place = {"place": n}
            needed = n <= 2
            self.fields[f"party_{n}"] = forms.ChoiceField(
                label=_("participant %(place)s") % place, required=needed
            )
            self.fields[f"role_{n}"] = forms.ChoiceField(
                label=_("role"), choices=[("", "—"), *ParticipantRole.choices], required=needed
            )
            self.fields[f"weight_{n}"] = forms.IntegerField(
                label=_("weight"), min_value=1, max_value=1_000_000_000, required=needed
            )
            self.fields[f"contribution_{n}"] = _text(_("contribution"), 200, required=False)

    def clean(self) -> dict[str, Any]:
        """The lines become `participants`; a line is whole or empty."""
        given: dict[str, Any] = super().clean() or {}
        lines = []
        for n in range(1, LINES + 1):
            line = [given.pop(f"{name}_{n}", None) for name in ("party", "role", "weight")]
            contribution = given.pop(f"contribution_{n}", "")
            if not any(line):
                continue
            if not all(line):
                raise ValidationError(_("Line %(place)s is not whole."), params={"place": n})
            lines.append(
                {"party_id": line[0], "role": line[1], "weight": line[2],
                 "contribution": contribution}
            )  # fmt: skip
        return {**given, "participants": lines}


class Settle(forms.Form):
    period_start = _day(_("from"))
    period_end = _day(_("until before"))
    revenue_amount = _amount(_("revenue"))
    costs_amount = _amount(_("costs"))
    note = _text(_("note"), required=False)
    evidence = _text(_("evidence"))


class SettleSavings(forms.Form):
    """Of an energy performance contract: revenue is what was saved at its price."""

    period_start = _day(_("from"))
    period_end = _day(_("until before"))
    baseline_mwh = _amount(_("baseline, MWh"), places=6)
    measured_mwh = _amount(_("measured, MWh"), places=6)
    unit_price = _amount(_("price of a MWh"), places=6)
    costs_amount = _amount(_("costs"))
    note = _text(_("note"), required=False)
    evidence = _text(_("evidence"))
