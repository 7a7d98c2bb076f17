"""Acts on other people's money wait for a second person; `config/wiring.py` registers them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.funds import models, operations, queries
from finance.funds.operations.calling import parts_of_call
from finance.funds.operations.distributing import parts_of_distribution
from finance.funds.states import CallPurpose, CashKind, DistributionKind, InvestmentKind
from ledger.approvals.proposing import Act
from ledger.doors.figures import amount
from ledger.doors.wording import number_format
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties


def fund_of(asked: Mapping[str, Any]) -> models.Fund:
    found = models.Fund.objects.filter(pk=asked["fund_id"]).first()
    if found is None:
        raise NotFound
    return found


def _parts(parts: Mapping[tuple[UUID, UUID], Decimal], currency: str) -> list[str]:
    names = parties.names_of(investor for _class, investor in parts)
    return [
        f"{names[investor]}: {amount(part)} {currency}"
        for (_class, investor), part in parts.items()
    ]


# --- what is said


def _commit(asked: dict[str, Any]) -> list[str]:
    fund = fund_of(asked)
    about = {
        "investor": parties.name_of(asked["investor_id"]),
        "amount": f"{amount(asked['amount'])} {fund.currency}",
        "fund": str(fund),
        "day": date_format(asked["committed_on"]),
    }
    said = _("%(investor)s commits %(amount)s to %(fund)s on %(day)s.")
    return [said % about, _("Evidence: %(evidence)s.") % asked]


def _call(asked: dict[str, Any]) -> list[str]:
    fund = fund_of(asked)
    about = {
        "fund": str(fund),
        "amount": f"{amount(asked['amount'])} {fund.currency}",
        "due": date_format(asked["due_on"]),
        "purpose": CallPurpose(asked["purpose"]).label,
    }
    parts = parts_of_call(fund, asked["amount"], share_class_id=asked.get("share_class_id"))
    return [
        _("%(fund)s calls %(amount)s for %(purpose)s, due on %(due)s.") % about,
        *_parts(parts, fund.currency),
    ]


def _distribute(asked: dict[str, Any]) -> list[str]:
    fund = fund_of(asked)
    about = {
        "fund": str(fund),
        "amount": f"{amount(asked['amount'])} {fund.currency}",
        "day": date_format(asked["paid_on"]),
        "kind": DistributionKind(asked["kind"]).label,
    }
    parts = parts_of_distribution(
        fund,
        asked["amount"],
        on=asked["paid_on"],
        share_class_id=asked.get("share_class_id"),
        price=asked.get("share_price"),
    )
    return [
        _("%(fund)s pays %(amount)s to its investors on %(day)s: %(kind)s.") % about,
        *_parts(parts, fund.currency),
    ]


def _cash(asked: dict[str, Any]) -> list[str]:
    fund = fund_of(asked)
    about = {
        "fund": str(fund),
        "amount": f"{amount(asked['amount'])} {fund.currency}",
        "day": date_format(asked["happened_on"]),
        "kind": CashKind(asked["kind"]).label,
    }
    said = [_("Cash book of %(fund)s, %(day)s: %(kind)s, %(amount)s.") % about]
    if investment := models.Investment.objects.filter(
        pk=asked.get("investment_id") or UUID(int=0)
    ).first():
        said.append(_("Investment: %(name)s.") % {"name": str(investment)})
    return [*said, _("Evidence: %(evidence)s.") % asked]


def _investment(asked: dict[str, Any]) -> list[str]:
    fund = fund_of(asked)
    about = {
        "fund": str(fund),
        "amount": f"{amount(asked['approved_amount'])} {fund.currency}",
        "name": asked["name_zh"],
        "kind": InvestmentKind(asked["kind"]).label,
    }
    return [
        _("%(fund)s may put up to %(amount)s into %(name)s (%(kind)s).") % about,
        _("Evidence: %(evidence)s.") % asked,
    ]


def _value(asked: dict[str, Any]) -> list[str]:
    row = models.Investment.objects.select_related("fund").get(pk=asked["investment_id"])
    about = {
        "name": str(row),
        "amount": f"{amount(asked['amount'])} {row.fund.currency}",
        "day": date_format(asked["valued_on"]),
        "method": asked["method"],
    }
    return [
        _("%(name)s is worth %(amount)s on %(day)s. Method: %(method)s.") % about,
        _("Evidence: %(evidence)s.") % asked,
    ]


def _terms(asked: dict[str, Any]) -> list[str]:
    about = {
        "fund": str(fund_of(asked)),
        "day": date_format(asked["valid_from"]),
        "fee": asked["fee_bps"],
        "hurdle": asked["hurdle_bps"],
        "carry": asked["carry_bps"],
    }
    said = _(
        "%(fund)s from %(day)s on: management fee %(fee)s, preferred return %(hurdle)s, carried "
        "interest %(carry)s basis points."
    )
    return [said % about, _("Evidence: %(evidence)s.") % asked]


def _nav(asked: dict[str, Any]) -> list[str]:
    fund = fund_of(asked)
    worked = queries.work_out(fund, asked["valued_on"])
    about = {
        "fund": str(fund),
        "day": date_format(asked["valued_on"]),
        "net": f"{amount(worked.net_assets)} {fund.currency}",
        "cash": amount(worked.cash),
        "units": amount(worked.units_value),
        "stakes": amount(worked.stakes_value),
        "fee": amount(worked.fee_owed),
        "carry": amount(worked.carry_owed),
        "shares": number_format(worked.shares, 4, force_grouping=True),
        "each": "–" if worked.per_share is None else number_format(worked.per_share, 6),
    }
    return [
        _("%(fund)s is worth %(net)s on %(day)s.") % about,
        _(
            "Cash %(cash)s, carbon units %(units)s, investments %(stakes)s; management fee owed "
            "%(fee)s, carried interest owed %(carry)s."
        )
        % about,
        _("%(shares)s shares, %(each)s each. The investors see it once it is published.") % about,
    ]


def _what_nav_relies_on(asked: dict[str, Any]) -> Mapping[str, Any]:
    return {"figures": queries.work_out(fund_of(asked), asked["valued_on"]).fingerprint}


def _taken_back(asked: dict[str, Any], what: str, row: Any, on: date) -> list[str]:
    about = {"what": what, "number": row.number, "day": date_format(on)}
    about["amount"] = f"{amount(row.amount)} {row.fund.currency}"
    return [
        _("%(what)s %(number)s of %(day)s, %(amount)s, is taken back by a mirrored one.") % about,
        _("Both stay in the books. Reason: %(reason)s.") % asked,
    ]


def _call_back(asked: dict[str, Any]) -> list[str]:
    row = models.Call.objects.select_related("fund").get(pk=asked["call_id"])
    return _taken_back(asked, _("Capital call"), row, row.called_on)


def _distribution_back(asked: dict[str, Any]) -> list[str]:
    row = models.Distribution.objects.select_related("fund").get(pk=asked["distribution_id"])
    return _taken_back(asked, _("Distribution"), row, row.paid_on)


def _entry_back(asked: dict[str, Any]) -> list[str]:
    row = models.CashEntry.objects.select_related("fund").get(pk=asked["entry_id"])
    return _taken_back(asked, _("Line of the cash book"), row, row.happened_on)


ACTS: Mapping[str, Act] = {
    "funds.set_terms": Act(gettext_lazy("Set a fund's terms"), operations.set_terms, _terms),
    "funds.record_commitment": Act(
        gettext_lazy("Record a commitment"), operations.record_commitment, _commit
    ),
    "funds.make_call": Act(gettext_lazy("Call capital"), operations.make_call, _call),
    "funds.take_back_call": Act(
        gettext_lazy("Take a call back"), operations.take_back_call, _call_back
    ),
    "funds.make_distribution": Act(
        gettext_lazy("Distribute"), operations.make_distribution, _distribute
    ),
    "funds.take_back_distribution": Act(
        gettext_lazy("Take a distribution back"),
        operations.take_back_distribution,
        _distribution_back,
    ),
    "funds.tell_cash": Act(gettext_lazy("Tell the cash book"), operations.tell_cash, _cash),
    "funds.take_back_entry": Act(
        gettext_lazy("Take a line of the cash book back"), operations.take_back_entry, _entry_back
    ),
    "funds.approve_investment": Act(
        gettext_lazy("Approve an investment"), operations.approve_investment, _investment
    ),
    "funds.value_investment": Act(
        gettext_lazy("Value an investment"), operations.value_investment, _value
    ),
    "funds.publish_nav": Act(
        gettext_lazy("Publish a net asset value"),
        operations.publish_nav,
        _nav,
        _what_nav_relies_on,
    ),
}
