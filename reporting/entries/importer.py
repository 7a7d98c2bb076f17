"""A sheet of calculated activity: a row an entry, its inputs each in a column of their own."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.imports.filling import Column, Line
from reporting.entries.models import MethodChoice, PartChoice, QualityChoice
from reporting.entries.rules.methods import METHODS, REFRIGERANTS
from reporting.entries.rules.standing import parts_of
from reporting.entries.showing import INPUTS
from reporting.entries.states import DataQuality, Method

FACTOR = "factor"
GIVEN: Mapping[str, Any] = {
    "given_value": _("factor that was given"),
    "given_mass": _("its mass, such as kg"),
    "given_per": _("per, such as kWh"),
    "given_gas": _("its gas, CO2e if empty"),
    "given_source": _("its source"),
}
_FIRST = ("code", "title", "method", "part")
_LAST = ("tenant", "supplier", "evidence", "quality", "reason")
_PLAIN: Mapping[str, Any] = {
    "code": _("code"),
    "title": _("what it is"),
    "tenant": _("tenant"),
    "supplier": _("supplier"),
    "evidence": _("evidence"),
    "reason": _("reason of the correction"),
}
_NEEDED = frozenset({"code", "title", "method", "part", "evidence"})


def _words(choices: Any, codes: Any) -> list[tuple[str, Any]]:
    labels = dict(choices.choices)
    return [(str(one), labels[one]) for one in codes]


def columns(method: Method | None = None, *, carriers: Mapping[str, str]) -> list[Column]:
    """Of the template of one method, or all that a file may have."""
    methods = list(Method) if method is None else [method]
    places = list(dict.fromkeys(part for one in methods for part in parts_of(one)))
    qualities = [(one.value, one.label) for one in QualityChoice]
    chosen = {
        "method": (_("method"), _words(MethodChoice, methods)),
        "part": (_("stands in"), _words(PartChoice, places)),
        "quality": (_("quality"), qualities),
    }
    inputs = dict.fromkeys(name for one in methods for name in METHODS[one].fields)
    names = [*_FIRST, *(f"in_{name}" for name in inputs), *_factors(methods), *_LAST]
    return [_column(name, chosen, carriers) for name in names]


def _factors(methods: list[Method]) -> list[str]:
    if set(methods) <= REFRIGERANTS:
        return [FACTOR]
    return [FACTOR, "region", *GIVEN] if any(METHODS[one].takes_factor for one in methods) else []


def _column(
    name: str, chosen: Mapping[str, tuple[Any, list[tuple[str, Any]]]], carriers: Mapping[str, str]
) -> Column:
    is_needed = name in _NEEDED
    if name in chosen:
        word, choices = chosen[name]
        return Column(name, word, choices=choices, is_needed=is_needed)
    if name == FACTOR:
        word = pgettext_lazy("of a sheet", "factor of the library, or refrigerant")
        return Column(name, word, offers=sorted(set(carriers.values())))
    if name == "region":
        return Column(name, _("region of the factor"))
    if name in GIVEN:
        return Column(name, GIVEN[name])
    word = INPUTS[name[3:]] if name.startswith("in_") else _PLAIN[name]
    return Column(name, word, is_needed=is_needed)


def told_by(line: Line, carriers: Mapping[str, str]) -> dict[str, Any]:
    """What `record_entry` is to be told. A thing of the library goes by its code or its name."""
    cells = line.cells
    codes = {name: code for code, name in carriers.items()}
    factor = cells.get(FACTOR, "")
    return {
        "code": cells["code"],
        "title": cells["title"],
        "part": cells["part"],
        "method": cells["method"],
        "inputs": {name[3:]: text for name, text in cells.items() if name.startswith("in_")},
        "carrier": codes.get(factor, factor),
        "region": cells.get("region", ""),
        "given": {name[6:]: cells.get(name, "") for name in GIVEN},
        "tenant_code": cells.get("tenant", ""),
        "supplier": cells.get("supplier", ""),
        "evidence": cells["evidence"],
        "quality": cells.get("quality") or DataQuality.TOLD,
        "reason": cells.get("reason", ""),
    }
