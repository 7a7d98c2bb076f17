"""Entries as rows of a file: one for each side, with the id of the ledger entry."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from finance.trades.models import EntryBatch
from finance.trades.queries.entries import account_names
from finance.trades.showing import words
from ledger.doors.figures import count

LINK = '<a class="text-primary-600 underline" href="{}">{}</a>'
UNVERIFIED = "C"


def headings() -> list[str]:
    return [
        _("entry number"), _("day"), _("summary"), _("account code"), _("account name"),
        _("debit, CNY"), _("credit, CNY"), _("instrument"), _("vintage"), _("units"),
        _("ledger entry id"), _("trade id"), _("basis"), _("confidence"),
    ]  # fmt: skip


def summary(entry: Mapping[str, Any], named: Mapping[str, str]) -> str:
    """What it is for, as an accountant's summary says it."""
    what = words.pool((entry["scheme"], entry["vintage"]), named)
    said = f"{words.CAUSES[entry['cause']]} · {what} · {count(entry['units'])}"
    return _("Reversal of: %(said)s") % {"said": said} if entry["is_red"] else said


def rows(batch: EntryBatch) -> list[tuple[Any, ...]]:
    return list(rows_of(batch.entries, prefix=f"{batch.number}-"))


def page_headings() -> list[str]:
    return [
        _("entry number"), _("day"), _("summary"), _("account name"), _("debit, CNY"),
        _("credit, CNY"), _("basis"), _("what it comes from"),
    ]  # fmt: skip


def page_rows(batch: EntryBatch) -> list[list[Any]]:
    """As the batch's page shows them: amounts in the reader's form, and where they come from."""
    return [
        [
            number, words.day(date.fromisoformat(day)), said, f"{account} {name}",
            _amount(debit), _amount(credit),
            f"{basis} ({_('unverified')})" if confidence == UNVERIFIED else basis,
            _origin(entry_id, trade_id),
        ]
        for (
            number, day, said, account, name, debit, credit, _scheme, _vintage, _units, entry_id,
            trade_id, basis, confidence,
        ) in rows(batch)
    ]  # fmt: skip


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else words.money(amount)


def _origin(entry_id: str, trade_id: str | None) -> str:
    pages = [(_("entry"), reverse("admin:ledger_units_entry_change", args=[entry_id]))]
    if trade_id:
        pages.insert(0, (_("trade"), reverse("admin:finance_trades_trade_change", args=[trade_id])))
    return format_html_join(" ", LINK, ((url, said) for said, url in pages))


def rows_of(entries: Iterable[Mapping[str, Any]], *, prefix: str) -> Iterable[tuple[Any, ...]]:
    """Debits before credits; amounts are numbers, so that a spreadsheet can add them."""
    named, known = words.names(), account_names()
    for number, entry in enumerate(entries, start=1):
        for line in sorted(entry["lines"], key=lambda one: one["side"], reverse=True):
            amount = Decimal(line["amount"])
            is_debit = line["side"] == "DEBIT"
            yield (
                f"{prefix}{number}",
                entry["day"],
                summary(entry, named),
                line["account"],
                words.account(line["account"], known),
                amount if is_debit else None,
                None if is_debit else amount,
                entry["scheme"],
                entry["vintage"],
                entry["units"],
                entry["entry_id"],
                entry["trade_id"],
                entry["basis"],
                entry["confidence"],
            )
