from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.imports import layouts
from ledger.imports.mapping import ACTS, CONSTANTS, FIELDS, STATE_NAMES
from ledger.imports.queries import shown_heading

Choices = Iterable[tuple[str, Any]]
ORDERS = (
    ("", _("as its layout does")),
    ("ISO", _("year first (2025-03-31)")),
    ("DAY_FIRST", _("day first (31/03/2025)")),
    ("MONTH_FIRST", _("month first (03/31/2025)")),
)


TOLD_IN = (
    ("", _("units, as the scheme counts them")),
    ("t", _("tonnes")),
    ("kg", _("kilograms")),
    ("万t", _("ten thousand tonnes (万吨)")),
    ("MWh", _("megawatt-hours (MWh)")),
    ("kWh", _("kilowatt-hours (kWh)")),
    ("Wh", _("watt-hours (Wh)")),
    ("万kWh", _("ten thousand kilowatt-hours (万千瓦时)")),
    ("GWh", _("gigawatt-hours (GWh)")),
)


def _constant(name: str) -> forms.Field:
    """The field of a value that is the same for every line."""
    if name in {"period_from", "period_to", "happened_on"}:
        return forms.DateField(required=False)
    if name == "vintage_year":
        return forms.IntegerField(required=False, min_value=1990, max_value=2200)
    if name == "state":
        states = [(code, gettext(said)) for code, said in STATE_NAMES.items()]
        return forms.ChoiceField(required=False, choices=[("", "—"), *states])
    return forms.CharField(required=False, max_length=200)


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value or "").strip()


class UploadForm(forms.Form):
    """A file, and what the file itself does not tell."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV (UTF-8 or GB18030) or XLSX, as the registry exports it.")
    )
    target = forms.ChoiceField(label=_("Goes into"))
    account = forms.ChoiceField(
        label=_("Account"),
        required=False,
        help_text=_("For lines that name no account."),
    )
    is_one_account = forms.BooleanField(
        label=_("All lines belong to this account, whatever names they carry"), required=False
    )
    as_of = forms.DateField(
        label=_("As of"), widget=forms.DateInput, help_text=_("The day of what the file states.")
    )
    layout = forms.ChoiceField(label=_("Layout"), required=False)
    date_order = forms.ChoiceField(
        label=_("How the file writes days"), required=False, choices=ORDERS
    )

    def __init__(
        self, *args: Any, targets: Choices, accounts: Choices, mappings: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["target"].choices = [(name, gettext(title)) for name, title in targets]
        fields["account"].choices = [("", "—"), *accounts]
        known = [(f"layout:{one.code}", gettext(one.name)) for one in layouts.all_layouts()]
        own = [(f"mapping:{key}", name) for key, name in mappings]
        fields["layout"].choices = [("", gettext("recognised by its headings")), *own, *known]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("is_one_account") and not data.get("account"):
            self.add_error("account", _("Choose the account."))
        return data


class MappingForm(forms.Form):
    """Which column is which field. What stays empty, the file does not tell."""

    act = forms.ChoiceField(label=_("What a line says"))
    scheme = forms.ChoiceField(label=_("Scheme of all lines"), required=False)
    told_in = forms.ChoiceField(
        label=_("Quantities are told in"),
        required=False,
        choices=TOLD_IN,
        help_text=_(
            "What is no whole number of units is told as a problem of its row. Where a column names"
            " the scheme or the measure, each row is counted by its own."
        ),
    )
    dates = forms.ChoiceField(label=_("How the file writes days"), choices=ORDERS[1:])
    key = forms.MultipleChoiceField(
        label=_("Columns that name a line"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Together they are the same in a longer export of the same lines."),
    )
    name = forms.CharField(label=_("Name of the mapping"), max_length=120)
    is_shared = forms.BooleanField(label=_("Share it with all parties"), required=False)
    is_confirmed = forms.BooleanField(
        label=_("I have compared the columns with the registry's own description"), required=False
    )

    def __init__(self, *args: Any, headings: list[str], schemes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(one, shown_heading(one)) for one in headings]
        columns = [("", "—"), *named]
        fields: Any = self.fields
        fields["act"].choices = [(act.value, gettext(said)) for act, said in ACTS.items()]
        fields["scheme"].choices = [("", gettext("a column names it")), *schemes]
        fields["key"].choices = named
        for name, said in FIELDS.items():
            fields[f"column_{name}"] = forms.ChoiceField(
                label=gettext(said), choices=columns, required=False
            )
        for name in CONSTANTS:
            fields[f"constant_{name}"] = _constant(name)
            about = gettext("%(field)s, the same for every line") % {"field": gettext(FIELDS[name])}
            fields[f"constant_{name}"].label = about

    def column_fields(self) -> list[tuple[Any, Any]]:
        """For the page: the select of each column, and the value for every line if it may be."""
        return [
            (self[f"column_{name}"], self[f"constant_{name}"] if name in CONSTANTS else None)
            for name in FIELDS
        ]

    def content(self, *, registries: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
        """The mapping as data; registry and measure follow from the scheme."""
        data = self.cleaned_data
        registry, measure = registries.get(data["scheme"], ("", "t"))
        return {
            "act": data["act"],
            "scheme": data["scheme"],
            "registry": registry,
            "measure": measure,
            "told_in": data["told_in"],
            "dates": data["dates"],
            "key": data["key"],
            "columns": {name: data[f"column_{name}"] for name in FIELDS if data[f"column_{name}"]},
            "constants": {
                name: text for name in CONSTANTS if (text := _text(data[f"constant_{name}"]))
            },
        }


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class SetAsideForm(ReasonForm):
    """Rows by number, or all that have problems."""

    rows = forms.CharField(
        label=_("Rows"),
        required=False,
        help_text=_("For example 12, 40-45. Empty: every line that has a problem."),
    )

    def clean_rows(self) -> list[tuple[int, int]]:
        found = []
        text = self.cleaned_data["rows"].replace("，", ",")
        for part in filter(None, (one.strip() for one in text.split(","))):
            first, _sign, last = part.replace("–", "-").partition("-")
            if not first.strip().isdigit() or not (last or first).strip().isdigit():
                raise forms.ValidationError(_("Write row numbers, like 12, 40-45."))
            found.append((int(first), int(last or first)))
        return found


class TellForm(forms.Form):
    """What the file leaves open."""

    number = forms.ChoiceField(
        label=_("Account that the file names"), required=False, help_text=_("Empty: each of them.")
    )
    account = forms.ChoiceField(label=_("It is"), required=False)
    vintage_year = forms.IntegerField(
        label=_("Vintage of lines that name none"), required=False, min_value=1990, max_value=2200
    )
