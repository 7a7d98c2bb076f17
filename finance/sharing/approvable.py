"""Terms and settlements wait for a second person; `config/wiring.py` registers them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.sharing import models, operations, queries, rules
from finance.sharing.states import ParticipantRole
from ledger.approvals.proposing import Act
from ledger.doors.figures import amount
from ledger.doors.wording import number_format
from ledger.kernel.actors import SYSTEM
from ledger.parties import queries as parties


def measured(value: Decimal) -> str:
    return number_format(value.normalize(), force_grouping=True)


def _agreement_of(asked: Mapping[str, Any]) -> models.Agreement:
    return queries.get_agreement(asked["agreement_id"], by=SYSTEM)


def _terms(asked: dict[str, Any]) -> list[str]:
    agreement = _agreement_of(asked)
    operations.check_terms(agreement, asked["valid_from"], asked["participants"])
    whole = sum(told["weight"] for told in asked["participants"])
    names = parties.names_of(told["party_id"] for told in asked["participants"])
    said = [
        _("%(agreement)s, from %(day)s on, shares: %(basis)s.")
        % {"agreement": str(agreement), "day": date_format(asked["valid_from"]), **asked}
    ]
    by_id = {str(key): name for key, name in names.items()}
    said += [
        _("%(who)s (%(role)s): %(weight)s of %(whole)s.")
        % {
            "who": by_id[str(told["party_id"])],
            "role": ParticipantRole(told["role"]).label,
            "weight": told["weight"],
            "whole": whole,
        }
        for told in asked["participants"]
    ]
    return [*said, _("Evidence: %(evidence)s.") % asked]


def _settle(asked: dict[str, Any]) -> list[str]:
    agreement = _agreement_of(asked)
    names = ("baseline_mwh", "measured_mwh", "unit_price")
    savings = operations.savings_of(agreement, *(asked.get(name) for name in names))
    made = operations.check_settlement(
        agreement, asked["period_start"], asked["period_end"], asked["revenue_amount"], savings
    )
    left = rules.to_share(made.revenue, rules.check_amount(asked["costs_amount"]))
    about = {
        "agreement": str(agreement),
        "first": date_format(asked["period_start"]),
        "last": date_format(asked["period_end"]),
        "revenue": f"{amount(made.revenue)} {agreement.currency}",
        "costs": f"{amount(asked['costs_amount'])} {agreement.currency}",
        "left": f"{amount(left)} {agreement.currency}",
    }
    said = [
        _("%(agreement)s, %(first)s until before %(last)s: revenue %(revenue)s, costs %(costs)s.")
        % about
    ]
    if savings is not None:
        told = {"saved": measured(savings.saved), "price": measured(savings.price)}
        said.append(_("Saved: %(saved)s MWh at %(price)s a MWh.") % told)
    said.append(_("To be shared out: %(left)s.") % about)
    parts = operations.shared(left, made.terms, agreement.currency)
    named = parties.names_of(participant.party_id for participant, _part in parts)
    said += [
        f"{named[participant.party_id]}: {amount(part)} {agreement.currency}"
        for participant, part in parts
    ]
    return [*said, _("Evidence: %(evidence)s.") % asked]


def _relies_on(asked: dict[str, Any]) -> Mapping[str, Any]:
    """Other terms, or another version, want another look."""
    agreement = _agreement_of(asked)
    terms = queries.terms_on(agreement, asked["period_start"])
    told = agreement.settlements.filter(period_start=asked["period_start"])
    return {"terms": str(terms.pk) if terms else "", "versions": told.count()}


ACTS: Mapping[str, Act] = {
    "sharing.set_terms": Act(
        gettext_lazy("Set the terms of sharing"), operations.set_terms, _terms
    ),
    "sharing.settle": Act(
        gettext_lazy("Share out a period"), operations.settle, _settle, _relies_on
    ),
}
