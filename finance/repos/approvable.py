"""Handovers that wait for a second person; `config/wiring_finance.py` registers them."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.repos import models, operations, queries
from finance.repos.states import AgreementKind
from ledger.approvals.proposing import Act, read
from ledger.doors.figures import money, percent
from ledger.doors.wording import number_format
from ledger.kernel.actors import SYSTEM
from ledger.kernel.money import Money
from ledger.parties import queries as parties
from ledger.units import queries as units

START, RETURN = "repos.start_agreement", "repos.return_units"


def _row(asked: Mapping[str, Any]) -> models.Agreement:
    return queries.get_agreement(asked["agreement_id"], by=SYSTEM)


def _about(row: models.Agreement, count: int) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.get_kind_display(),
        "count": number_format(count, force_grouping=True),
        "lot": row.lot.code,
        "giver": parties.name_of(row.giver_id),
        "taker": parties.name_of(row.taker_id),
        "day": date_format(row.ends_on),
    }


def describe_start(asked: dict[str, Any]) -> list[str]:
    row = _row(asked)
    about = _about(row, row.unit_count)
    said = [
        _("%(number)s (%(kind)s): %(count)s units of %(lot)s go from %(giver)s to %(taker)s.")
        % about,
        _("%(taker)s holds them by law from then on and owes as many until %(day)s.") % about,
    ]
    cash, rate = queries.cash_of(row), queries.rate_of(row)
    if cash is not None and rate is not None:
        told = {"first": money(cash[0]), "second": money(cash[1]), "rate": percent(rate)}
        said.append(_("Sold for %(first)s, bought back for %(second)s: %(rate)s a year.") % told)
    if not row.may_reuse:
        said.append(_("They are held there as lent: %(taker)s cannot use them.") % about)
    return said


def describe_return(asked: dict[str, Any]) -> list[str]:
    row = _row(asked)
    about = _about(row, asked["unit_count"]) | {"lot": units.get_lot(asked["lot_id"]).code}
    left = row.outstanding_count - asked["unit_count"]
    about["left"] = number_format(left, force_grouping=True)
    said = [_("%(number)s: %(count)s units of %(lot)s go back to %(giver)s.") % about]
    if row.kind == AgreementKind.REPO and row.second_price is not None:
        paid = Money(row.second_price * asked["unit_count"], row.currency).rounded()
        said.append(_("Bought back for %(amount)s.") % {"amount": money(paid)})
    said.append(
        _("%(left)s units are still owed after it.") % about
        if left
        else _("Nothing is owed after it; the agreement is settled.")
    )
    return said


def relies_on(asked: dict[str, Any]) -> Mapping[str, Any]:
    """The agreement as it stands: whoever moves it meanwhile makes the request stale."""
    row = _row(asked)
    return {"state": row.state, "returned": row.returned_count}


def size(payload: Mapping[str, Any]) -> int:
    """How many units move."""
    asked = read(payload)
    return int(asked.get("unit_count") or _row(asked).unit_count)


ACTS: Mapping[str, Act] = {
    START: Act(
        gettext_lazy("Hand over the units of an agreement"),
        operations.start_agreement, describe_start, relies_on,
    ),
    RETURN: Act(
        gettext_lazy("Return the units of an agreement"),
        operations.return_units, describe_return, relies_on,
    ),
}  # fmt: skip
