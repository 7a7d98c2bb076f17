"""Columns as people read them: whom an id means, a year without a comma, a share in per cent."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils.html import format_html, format_html_join

from ledger.doors.admin.staff_site import site
from ledger.doors.figures import CENTS, exact, exact_percent

# Columns without a foreign key that hold the id of a party, user or machine.
SOMEBODY = frozenset(
    {
        "party_id", "holder_id", "claimant_id", "beneficiary_id", "in_favour_of", "user_id",
        "person_id", "owner_id", "actor_id", "requested_person", "operator_id", "borrower_id",
        "lender_id", "debtor_id", "creditor_id", "giver_id", "taker_id", "seller_id", "buyer_id",
        "investor_id", "manager_id", "vehicle_id", "requested_party_id",
    }
)  # fmt: skip

# Parts of a whole, by how the column's name ends; shares and rates that are parts of one.
RATIOS = frozenset({"ltv", "volatility", "materiality"})
SERIALS = frozenset(
    {"first", "last", "first_serial", "last_serial"}
)  # they name units, and count nothing
SHARES = frozenset(
    {"loan_share", "manager_share", "equity_share", "margin_rate", "interest_rate", "vat_rate"}
)


def named(column: str, title: Any) -> Callable[[Any], str]:
    """A column of ids (party, user, machine) that shows whom they mean: one query for a page."""

    @admin.display(description=title, ordering=column)
    def show(row: Any) -> str:
        identifier = getattr(row, column)
        if identifier is None:
            return "–"
        if "shown_names" not in row.__dict__:
            row.shown_names = site.names_of({getattr(row, one) for one in ids_in(row)})
        return str(row.shown_names.get(identifier, identifier))

    show.__name__ = f"name_of_{column}"
    show.names = column  # type: ignore[attr-defined]
    return show


def ids_in(row: models.Model | type[models.Model]) -> dict[str, Any]:
    """Columns of ids of others, which no foreign key leads to: column → its title."""
    return {
        field.name: field.verbose_name
        for field in row._meta.concrete_fields
        if isinstance(field, models.UUIDField) and not field.is_relation and not field.primary_key
    }


def in_words(column: Any, model: type[models.Model]) -> Any:
    """A column as people read it: its name, or a function where plain digits will not do."""
    field = next((one for one in model._meta.concrete_fields if one.name == column), None)
    if field is None or field.choices:
        return column
    if column in ids_in(model):
        return named(column, field.verbose_name)
    say = _said(field)
    return column if say is None else _shown(field, say)


def _said(field: Any) -> Callable[[Any], str] | None:
    """How its value is said, if not by its bare digits."""
    last = field.name.split("_")[-1]
    if isinstance(field, models.JSONField):
        return told_as_it_is
    if isinstance(field, models.IntegerField) and (last == "year" or field.name in SERIALS):
        return str
    if not isinstance(field, models.DecimalField) or field.decimal_places <= CENTS:
        return None
    return exact_percent if last in RATIOS or field.name in SHARES else exact


def told_as_it_is(content: Any) -> str:
    """Content as it is kept, in its own script: a line for each fact, or indented text."""
    if not content:
        return "–"
    if isinstance(content, dict) and not any(isinstance(x, dict | list) for x in content.values()):
        return format_html_join("", "<p>{}: {}</p>", content.items())
    text = json.dumps(content, ensure_ascii=False, indent=2)
    return format_html('<pre class="text-xs whitespace-pre-wrap">{}</pre>', text)


def _shown(field: Any, say: Callable[[Any], str]) -> Callable[[Any], str]:
    @admin.display(description=field.verbose_name, ordering=field.name)
    def show(row: Any) -> str:
        value = getattr(row, field.name)
        return "–" if value is None else say(value)

    show.__name__ = f"said_{field.name}"
    return show


def is_somebody(column: str) -> bool:
    """Whether an id is of a party, user or machine, which have names."""
    return column.endswith("_by") or column in SOMEBODY


def copied(column: str, title: Any) -> Callable[[Any], str]:
    """An id as a small text that one click selects."""

    @admin.display(description=title)
    def show(row: Any) -> str:
        identifier = getattr(row, column)
        if identifier is None:
            return "–"
        return format_html('<code class="select-all text-xs">{}</code>', identifier)

    show.__name__ = f"id_in_{column}"
    return show
