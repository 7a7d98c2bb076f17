"""What acts of compliance ask for; forms only validate."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.compliance.models import SECTORS
from ledger.compliance.states import AllocationStep, FactKind

LINES = 3
BIG = 2**53 - 1
KINDS = [
    (FactKind.FIRST_YEAR.value, _("first year set")),
    (FactKind.LAST_YEAR.value, _("last year set")),
    (FactKind.EXCLUDED.value, _("year excluded")),
    (FactKind.INCLUDED.value, _("exclusion taken back")),
]
GIVEN = [
    (AllocationStep.ALLOCATED.value, _("allocated")),
    (AllocationStep.RETURNED.value, _("returned")),
    (AllocationStep.REVERSED.value, _("taken back by the regulator")),
    (AllocationStep.CUT.value, _("entitlement cut by the regulator")),
]
TABLES = [("FINAL", _("final allocation")), ("PRE", _("pre-allocation"))]
CLASSES = [
    ("I", _("I: conventional coal above 300 MW")),
    ("II", _("II: conventional coal up to 300 MW")),
    ("III", _("III: unconventional coal")),
    ("IV", _("IV: gas")),
]


def _year() -> forms.IntegerField:
    return forms.IntegerField(label=_("year"), min_value=2000, max_value=2100)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


def _evidence() -> forms.CharField:
    return forms.CharField(label=_("evidence"), max_length=300)


def _units(label: Any, *, least: int = 0) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=BIG)


def _amount(label: Any, *, places: int) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_digits=18, decimal_places=places)


class EnterEntity(forms.Form):
    regime = forms.ChoiceField(label=_("trading system"))
    code = forms.CharField(label=_("entity number"), max_length=60)
    name = forms.CharField(label=_("name"), max_length=200, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    sector = forms.ChoiceField(label=_("sector"), choices=SECTORS)
    first_year = forms.IntegerField(label=_("first year"), min_value=2000, max_value=2100)
    told_on = _day(_("day"))
    evidence = _evidence()


class TellFact(forms.Form):
    kind = forms.ChoiceField(label=_("fact"), choices=KINDS)
    year = forms.IntegerField(
        label=_("year"),
        min_value=2000,
        max_value=2100,
        required=False,
        help_text=_("Left empty with the last year: the entity goes on."),
    )
    told_on = _day(_("day"))
    reason = forms.CharField(label=_("reason"), max_length=300)
    evidence = _evidence()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("year") is None and data.get("kind") != FactKind.LAST_YEAR.value:
            raise ValidationError(_("This needs a year."))
        return data


class PartsField(forms.CharField):
    """Lines like "1号机组 123456.78" → {installation: tonnes}."""

    def __init__(self) -> None:
        super().__init__(
            label=_("verified emissions by installation, t"),
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("One line each: the installation, a space, its tonnes."),
        )

    def clean(self, value: Any) -> dict[str, Decimal]:
        parts: dict[str, Decimal] = {}
        for line in super().clean(value).splitlines():
            name, _space, amount = line.strip().rpartition(" ")
            if not line.strip():
                continue
            if not name or name in parts:
                raise ValidationError(_("Every line needs its own installation: %(line)s")
                                      % {"line": line})  # fmt: skip
            field = forms.DecimalField(min_value=0, max_digits=18, decimal_places=6)
            parts[name.strip()] = field.clean(amount.replace(",", ""))
        return parts


class RecordEmissions(forms.Form):
    year = _year()
    parts = PartsField()
    purpose = forms.ChoiceField(
        label=_("verified for"),
        choices=[("ETS", _("the trading system")), ("ISO14064-1", "ISO 14064-1"),
                 ("PARK", _("the zero-carbon park"))],
    )  # fmt: skip
    verification = forms.CharField(label=_("verification"), max_length=120)
    content_hash = forms.RegexField(
        label=_("hash of what was verified"),
        regex=r"^[0-9a-f]{64}$",
        help_text=_("SHA-256, 64 hexadecimal digits."),
    )
    evidence = _evidence()
    told_on = _day(_("day"))


class Surrender(forms.Form):
    happened_on = _day(_("day"))
    reason = forms.CharField(label=_("reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, LINES + 1):
            first = n == 1
            place = forms.ChoiceField(label=_("units from"), required=first)
            count = forms.IntegerField(label=_("units"), min_value=1, max_value=BIG, required=first)
            self.fields[f"place_{n}"], self.fields[f"unit_count_{n}"] = place, count
        self.order_fields([name for name in self.fields if name[-1].isdigit()])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = []
        for n in range(1, LINES + 1):
            place, count = data.get(f"place_{n}"), data.get(f"unit_count_{n}")
            if bool(place) != (count is not None):
                raise ValidationError(_("A line needs both its units and where they are."))
            if place:
                found.append((place, count))
        if len({place for place, _count in found}) < len(found):
            raise ValidationError(_("Name each place once."))
        data["lines"] = found
        return data


class EntitlePower(forms.Form):
    unit_class = forms.ChoiceField(label=_("class of the unit"), choices=CLASSES)
    power_mwh = _amount(_("power generated, MWh"), places=3)
    heat_gj = _amount(_("heat supplied, GJ"), places=2)
    load_percent = forms.DecimalField(
        label=_("load, %"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    verified = _units(_("verified emissions of the unit, t"))
    evidence = _evidence()


class EntitleIndustry(forms.Form):
    verified = _units(_("verified emissions, t"))
    is_special = forms.BooleanField(
        label=_("special case: allowances equal verified emissions"), required=False
    )
    emissions_t = forms.DecimalField(
        label=_("emissions of the intensity, t"), min_value=0, max_digits=18, decimal_places=2,
        required=False,
    )  # fmt: skip
    output = forms.DecimalField(
        label=_("output, t"), min_value=0, max_digits=18, decimal_places=2, required=False
    )
    balance = forms.DecimalField(
        label=_("balance value, t per t"), min_value=0, max_digits=12, decimal_places=4,
        required=False, help_text=_("From the year's notice; name it in the evidence."),
    )  # fmt: skip
    evidence = _evidence()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needed = ("emissions_t", "output", "balance")
        if not data.get("is_special") and any(data.get(name) is None for name in needed):
            raise ValidationError(_("Outside the special cases, emissions, output and the "
                                    "balance value are needed."))  # fmt: skip
        return data


class PreAllocate(forms.Form):
    basis = _units(_("basis, t"))
    evidence = _evidence()


class Cut(forms.Form):
    decided_on = _day(_("day of the decision"))
    evidence = _evidence()


class RecordAllocation(forms.Form):
    step = forms.ChoiceField(label=_("what happened"), choices=GIVEN)
    table = forms.ChoiceField(label=_("allocation table"), choices=TABLES)
    unit_count = _units(_("units"), least=1)
    evidence = _evidence()


class ApplyForCarryOver(forms.Form):
    entity = forms.ChoiceField(label=_("regulated entity"))
    to_year = forms.IntegerField(
        label=_("into the year"), min_value=2000, max_value=2100, initial=2025
    )
    sold = _units(_("sold, t"))
    purchased = _units(_("purchased, t"))
    held = _units(_("held, t"))
    unit_count = _units(_("units"), least=1)
    applied_on = _day(_("applied on"))
    evidence = _evidence()
    account_number = forms.ChoiceField(
        label=_("frozen in the account"),
        required=False,
        help_text=_("The units applied for are frozen until it is granted or withdrawn."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, LINES + 1):
            self.fields[f"lot_{n}"] = forms.ChoiceField(label=_("old lot"), required=False)
            self.fields[f"frozen_{n}"] = forms.IntegerField(
                label=_("freeze now"), min_value=1, max_value=BIG, required=False
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        numbers = [(data.pop(f"lot_{n}", ""), data.pop(f"frozen_{n}", None))
                   for n in range(1, LINES + 1)]  # fmt: skip
        data["parts"] = [(lot, count) for lot, count in numbers if lot and count]
        if data["parts"] and not data.get("account_number"):
            raise ValidationError(_("Say in which account they are frozen."))
        return data


class CompleteCarryOver(forms.Form):
    account_number = forms.ChoiceField(label=_("account"))
    into_lot_code = forms.CharField(label=_("lot of the new vintage"), max_length=80)
    issuer_number = forms.CharField(label=_("issuer's account number"), max_length=60)
    happened_on = _day(_("day"))
    frozen = forms.MultipleChoiceField(
        label=_("under a court's order"),
        required=False,
        help_text=_(
            "Their units go over whole; the order and those in line behind it stand over the new "
            "vintage."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, LINES + 1):
            lot = forms.ChoiceField(label=_("old lot"), required=False)
            self.fields[f"lot_{n}"] = lot
            for name, label in (("carried", _("carried over")), ("destroyed", _("given up"))):
                self.fields[f"{name}_{n}"] = forms.IntegerField(
                    label=label, min_value=1, max_value=BIG, required=False
                )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("carried", "destroyed"):
            data[name] = [
                (data[f"lot_{n}"], data[f"{name}_{n}"])
                for n in range(1, LINES + 1)
                if data.get(f"lot_{n}") and data.get(f"{name}_{n}")
            ]
        if not (data["carried"] or data.get("frozen")):
            raise ValidationError(_("At least one old lot must be carried over."))
        return data


class WithReason(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=300)
