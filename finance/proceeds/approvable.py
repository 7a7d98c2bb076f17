"""Allocations and subsidies wait for a second person; `config/wiring.py` registers them."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.proceeds import models, operations, queries, rules
from ledger.approvals.proposing import Act
from ledger.doors.figures import amount
from ledger.kernel.actors import SYSTEM
from ledger.parties import queries as parties


def _money_of(asked: Mapping[str, Any]) -> models.Raising:
    return queries.get_raising(asked["raising_id"], by=SYSTEM)


def _allocate(asked: dict[str, Any]) -> list[str]:
    raising, project = _money_of(asked), queries.get_project(asked["project_id"], by=SYSTEM)
    operations.check_there(
        raising, project, rules.check_amount(asked["amount"], may_be_negative=True)
    )
    left = queries.use_of(raising).unallocated - asked["amount"]
    about = {
        "money": str(raising),
        "project": str(project),
        "amount": f"{amount(abs(asked['amount']))} {raising.currency}",
        "left": f"{amount(left)} {raising.currency}",
    }
    said = _("%(amount)s of %(money)s is allocated to %(project)s.")
    if asked["amount"] < 0:
        said = _("%(amount)s of %(money)s is released from %(project)s.")
    return [
        said % about,
        _("Unallocated afterwards: %(left)s.") % about,
        _("Evidence: %(evidence)s.") % asked,
    ]


def _subsidise(asked: dict[str, Any]) -> list[str]:
    raising = _money_of(asked)
    days = (asked["ends_on"] - asked["starts_on"]).days
    paid = rules.subsidy(
        asked["principal"], bps=asked["subsidy_bps"], days=days, basis=asked["basis_days"]
    )
    about = {
        "money": str(raising),
        "firm": parties.name_of(asked["beneficiary_id"]),
        "loan": asked["loan"],
        "amount": f"{amount(paid)} {raising.currency}",
        "principal": amount(asked["principal"]),
        "bps": asked["subsidy_bps"],
        "days": days,
        "basis": asked["basis_days"],
    }
    return [
        _("%(money)s pays %(amount)s of interest for %(firm)s, loan %(loan)s.") % about,
        _("%(principal)s × %(bps)s basis points × %(days)s days / %(basis)s.") % about,
        _("Evidence: %(evidence)s.") % asked,
    ]


def _take_back(asked: dict[str, Any]) -> list[str]:
    row = models.Spending.objects.select_related("raising").get(pk=asked["spending_id"])
    about = {
        "amount": f"{amount(row.amount)} {row.raising.currency}",
        "day": date_format(row.spent_on),
        "payee": row.payee,
        "reason": asked["reason"],
    }
    return [
        _("The spending of %(amount)s on %(day)s to %(payee)s is taken back.") % about,
        _("Both stay in the books. Reason: %(reason)s.") % about,
    ]


def _what_is_left(asked: dict[str, Any]) -> Mapping[str, Any]:
    use = queries.use_of(_money_of(asked))
    return {"unallocated": f"{use.unallocated:f}"}


ACTS: Mapping[str, Act] = {
    "proceeds.allocate": Act(
        gettext_lazy("Allocate proceeds"), operations.allocate, _allocate, _what_is_left
    ),
    "proceeds.grant_subsidy": Act(
        gettext_lazy("Grant an interest subsidy"),
        operations.grant_subsidy,
        _subsidise,
        _what_is_left,
    ),
    "proceeds.take_back_spending": Act(
        gettext_lazy("Take a spending back"), operations.take_back_spending, _take_back
    ),
}
