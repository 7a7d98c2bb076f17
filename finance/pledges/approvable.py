"""Pledging, topping up, enforcing and giving up wait for a second person; wired in `config`."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.pledges import models, operations, queries
from finance.pledges.operations import ending
from finance.pledges.operations.keeping import day_of
from finance.pledges.queries.clashes import say
from ledger.accounts import queries as accounts
from ledger.approvals.proposing import Act
from ledger.doors.figures import amount, count, percent
from ledger.parties import queries as parties
from ledger.units import queries as units

APPROVE, ADD = "pledges.approve_pledge", "pledges.add_collateral"
ENFORCE, LAPSE = "pledges.enforce", "pledges.lapse_pledge"
WHO_IS_PAID = {
    "COSTS": gettext_lazy("costs"),
    "FEES": gettext_lazy("fees"),
    "INTEREST": gettext_lazy("interest"),
    "PRINCIPAL": gettext_lazy("principal"),
    "SURPLUS": gettext_lazy("the debtor"),
}


def paid_to(name: str) -> str:
    """Who is paid, in words; a creditor behind is named by her pledge."""
    return str(WHO_IS_PAID.get(name, name))


def part_said(part: models.Part) -> str:
    serials = ", ".join(f"{first}–{last}" for first, last in queries.serials_of(part)[:5])
    said = _("%(count)s units of lot %(lot)s in account %(account)s") % {
        "count": count(part.unit_count), "lot": part.lot.code, "account": part.account.number,
    }  # fmt: skip
    return f"{said} ({serials})" if serials else said


def _approve(asked: dict[str, Any]) -> list[str]:
    row = queries.get_pledge(asked["pledge_id"])
    on = day_of(row.recorded_at)
    cover = queries.cover_of(row, on)
    about = {
        "number": row.number,
        "bank": parties.name_of(row.creditor_id),
        "code": row.facility.code,
        "value": f"{amount(cover.value)} {row.facility.currency}",
        "most": percent(row.loan_share),
    }
    said = [_("Pledge %(number)s in favour of %(bank)s, for facility %(code)s:") % about]
    said += [part_said(part) for part in queries.parts_of(row)]
    said.append(_("Value %(value)s; at most %(most)s of it is lent.") % about)
    said += [say(one.plain()) for one in queries.alerts_of(row, cover, on)]
    said.append(_("From then on only %(bank)s can let these units go.") % about)
    return said


def _add(asked: dict[str, Any]) -> list[str]:
    row = queries.get_pledge(asked["pledge_id"])
    about = {
        "count": count(asked["unit_count"]),
        "lot": units.get_lot(asked["lot_id"]).code,
        "account": accounts.get_account(asked["account_id"]).number,
        "number": row.number,
        "bank": parties.name_of(row.creditor_id),
    }
    return [
        _("%(count)s units of lot %(lot)s in account %(account)s are added to pledge %(number)s.")
        % about,
        _("From then on only %(bank)s can let these units go.") % about,
    ]


def _enforce(asked: dict[str, Any]) -> list[str]:
    row = queries.get_pledge(asked["pledge_id"])
    ending.check_may_enforce(row, order_number=asked["order_number"])
    paid = ending.paid_from(row, asked["proceeds_amount"], asked["costs_amount"], asked["sold_on"])
    about = {
        "number": row.number,
        "account": accounts.get_account(asked["to_account_id"]).number,
        "amount": f"{amount(asked['proceeds_amount'])} {row.facility.currency}",
        "day": date_format(asked["sold_on"]),
    }
    return [
        _("Pledge %(number)s is enforced: all its units go to account %(account)s for good.")
        % about,
        _("Sold on %(day)s for %(amount)s; paid in this order:") % about,
        *(f"{paid_to(one.name)}: {amount(one.amount)}" for one in paid),
    ]


def _lapse(asked: dict[str, Any]) -> list[str]:
    row = queries.get_pledge(asked["pledge_id"])
    about = {"number": row.number, "reason": asked["reason"]}
    return [
        _("The right of pledge %(number)s is given up; its units go to who is next, or free.")
        % about,
        _("Reason: %(reason)s.") % about,
    ]


def _state(asked: dict[str, Any]) -> Mapping[str, Any]:
    row = queries.get_pledge(asked["pledge_id"])
    parts = {str(part.pk): part.unit_count for part in queries.parts_of(row)}
    return {"state": str(row.state), "parts": parts}


def _whole(payload: Mapping[str, Any]) -> int:
    row = queries.get_pledge(UUID(payload["pledge_id"]))
    return sum(part.unit_count for part in queries.parts_of(row))


def _added(payload: Mapping[str, Any]) -> int:
    return int(payload["unit_count"])


ACTS: Mapping[str, tuple[Act, Callable[[Mapping[str, Any]], int]]] = {
    APPROVE: (
        Act(gettext_lazy("Pledge units"), operations.approve_pledge, _approve, _state), _whole,
    ),
    ADD: (Act(gettext_lazy("Top up a pledge"), operations.add_collateral, _add, _state), _added),
    ENFORCE: (Act(gettext_lazy("Enforce a pledge"), operations.enforce, _enforce, _state), _whole),
    LAPSE: (Act(gettext_lazy("Give up a pledge"), operations.lapse_pledge, _lapse, _state), _whole),
}  # fmt: skip
