"""What finance tells of a pledge, on paper: facility, contract, registrations, valuation."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from finance.facilities.states import FacilityState
from finance.pledges.states import Level, PledgeState, Register

PERCENT = 100


class Section(NamedTuple):
    """Facts line by line; a table below them; a remark."""

    title: str
    rows: list[tuple[str, str]]
    note: str = ""
    headings: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()


def security_sections(told: Mapping[str, Any], language: str) -> list[Section]:
    """One for each part; that nobody told it is said, too."""
    return [
        _part(_("Facility"), told.get("facility"), _facility),
        _part(_("Contract of pledge"), told.get("contract"), _contract),
        _registrations(told.get("registrations")),
        _valuation(told.get("valuation")),
    ]


def _missing() -> str:
    return _("This ledger was told nothing about it.")


def _part(title: str, part: Any, rows: Any) -> Section:
    if part is None:
        return Section(title, [], _missing())
    return Section(title, _filled(rows(part)))


def _filled(rows: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(name, str(text)) for name, text in rows if text not in {"", None}]


def _number(text: str | None) -> str:
    if text is None:
        return "–"
    return str(number_format(Decimal(text), use_l10n=True, force_grouping=True))


def _money(text: str | None, currency: str) -> str:
    return "–" if text is None else f"{currency} {_number(text)}"


def _share(text: str | None) -> str:
    if text is None:
        return "–"
    return f"{_number(f'{Decimal(text) * PERCENT:.2f}')} %"


def word(words: Any, code: str) -> str:
    """A code in the reader's language; as it stands if a later version of us wrote it."""
    return str(words(code).label) if code in words.values else code


def _facility(part: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (_("Number"), part["number"]),
        (_("State"), word(FacilityState, part["state"])),
        (_("Limit"), _money(part["limit"], part["currency"])),
        (_("Term"), f"{part['starts_on']} – {part['matures_on']}"),
        (_("Purpose of the loan"), part["purpose"]),
    ]


def _contract(part: Mapping[str, Any]) -> list[tuple[str, Any]]:
    lines = ("target_ltv", "warning_ltv", "top_up_ltv", "close_out_ltv")
    return [
        (_("Number"), part["number"]),
        (_("State"), word(PledgeState, part["state"])),
        (_("Rank"), part["rank"]),
        (_("Approved on"), part["approved_on"]),
        (_("Ends on"), part["ends_on"]),
        (_("Pledge rate"), _share(part["loan_share"])),
        (
            _("Lines: target, warning, top-up, close-out"),
            " · ".join(_share(part[name]) for name in lines),
        ),
        (_("Document"), part["evidence"]),
    ]


def _registrations(part: Sequence[Mapping[str, Any]] | None) -> Section:
    title = _("Registrations of the pledge")
    if not part:
        return Section(title, [], _missing())
    headings = [_("Register"), _("Number"), _("Registered on"), _("Ends on"), _("Document")]
    table = [
        [
            word(Register, one["register"]),
            one["number"],
            one["registered_on"],
            one["expires_on"] or "–",
            one["document"],
        ]
        for one in part
    ]
    return Section(title, [], headings=headings, table=table)


def _valuation(part: Mapping[str, Any] | None) -> Section:
    title = _("Valuation of the pledge")
    if part is None:
        return Section(title, [], _missing())
    rows = [
        (_("Valued on"), part["valued_on"]),
        (_("Owed"), _money(part["owed"], part["currency"])),
        (_("Market value"), _money(part["market"], part["currency"])),
        (_("Value"), _money(part["value"], part["currency"])),
        (_("Loan to value"), _share(part["ltv"])),
        (_("Line reached"), word(Level, part["level"])),
    ]
    stale = _("A price used is older than the house allows.") if part["stale"] else ""
    headings = [_("Units of"), _("Count"), _("Price"), _("Day"), _("Source"), _("Haircut"),
                _("Value")]  # fmt: skip
    return Section(title, _filled(rows), stale, headings, [_mark(one) for one in part["marks"]])


def _mark(one: Mapping[str, Any]) -> list[str]:
    return [
        f"{one['scheme']} {one['vintage']}",
        _number(str(one["units"])),
        _money(one["price"], one["currency"]),
        one["marked_on"] or "–",
        one["source"],
        _share(one["haircut"]),
        _number(one["value"]),
    ]
