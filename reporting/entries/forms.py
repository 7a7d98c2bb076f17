"""A form for each method: what all entries say, and what this method asks for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.entries import models
from reporting.entries.rules.methods import METHODS, FieldKind, Spec
from reporting.entries.rules.standing import parts_of
from reporting.entries.showing import INPUTS
from reporting.entries.states import Method

EXAMPLES = {
    FieldKind.QUANTITY: _("Amount and unit, such as “12.5 t”."),
    FieldKind.NUMBER: _("A number."),
    FieldKind.SHARE: _("A part of one, such as 0.35."),
    FieldKind.FLOWS: _("Such as “1000 t @ 0.85; 20 t @ 0.1”."),
    FieldKind.BASIS: _("NET or GROSS."),
}
GIVEN = ("value", "mass", "per", "gas", "source")


def _inputs(spec: Spec) -> dict[str, forms.Field]:
    return {
        f"in_{name}": forms.CharField(
            label=INPUTS[name], required=field.is_required, max_length=300,
            help_text=EXAMPLES[field.kind],
        )
        for name, field in spec.fields.items()
    }  # fmt: skip


class EntryForm(forms.Form):
    """What every entry says."""

    park_code = forms.ChoiceField(label=_("Park"))
    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Entered again under the same code, it is a correction and says why."),
    )
    title = forms.CharField(label=_("What it is"), max_length=200)
    part = forms.ChoiceField(label=_("Stands in"))


class EntryEnd(forms.Form):
    supplier = forms.CharField(label=_("Supplier"), max_length=200, required=False)
    evidence = forms.CharField(label=_("Evidence"), max_length=300)
    quality = forms.ChoiceField(label=_("Quality"), choices=models.QualityChoice.choices)
    reason = forms.CharField(label=_("Reason of the correction"), max_length=500, required=False)


class LibraryFactor(forms.Form):
    carrier = forms.ChoiceField(label=_("Factor of the library"), required=False)
    region = forms.CharField(
        label=_("Region of the factor"),
        required=False,
        max_length=12,
        help_text=_("Empty: the park's own, or the nearest to it."),
    )
    given_value = forms.CharField(
        label=_("Or a factor that was given"), required=False, max_length=40
    )
    given_mass = forms.CharField(label=_("its mass, such as kg"), required=False, max_length=12)
    given_per = forms.CharField(label=_("per, such as kWh"), required=False, max_length=12)
    given_gas = forms.CharField(label=_("its gas, CO2e if empty"), required=False, max_length=20)
    given_source = forms.CharField(label=_("its source"), required=False, max_length=200)


class Refrigerant(forms.Form):
    carrier = forms.CharField(label=_("Refrigerant"), max_length=40)


def form_of(method: Method) -> type[forms.Form]:
    """The form of one method."""
    spec = METHODS[method]
    fields: dict[str, forms.Field] = {**EntryForm.base_fields}
    names = dict(models.PartChoice.choices)
    fields["part"] = forms.ChoiceField(
        label=_("Stands in"), choices=[(part.value, names[part]) for part in parts_of(method)]
    )
    fields |= _inputs(spec)
    if method in {Method.REFRIGERANT_BALANCE, Method.REFRIGERANT_SCREENING}:
        fields |= Refrigerant.base_fields
    elif spec.takes_factor:
        fields |= LibraryFactor.base_fields
    fields |= EntryEnd.base_fields
    return type(f"{method.title().replace('_', '')}Form", (forms.Form,), fields)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)
