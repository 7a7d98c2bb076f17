"""What approvers should know: requests that wait. `config/wiring.py` registers it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.approvals import queries, rules
from ledger.approvals.models import Approval, Consent
from ledger.approvals.states import ApprovalState
from ledger.doors.permissions import approvers_of
from ledger.kernel.notices import Fact, Told, reminders_by
from ledger.parties import queries as parties

WAITING = "approvals.waiting"
LEADS = (1, 0)  # once more when it is about to expire


def waiting(*, on: date) -> Iterator[Fact]:
    """Every open request, for those who may decide it: not its maker, not who has agreed."""
    consents = Prefetch("consents", queryset=Consent.objects.order_by("given_at"))
    rows = list(Approval.objects.filter(state=ApprovalState.REQUESTED).prefetch_related(consents))
    persons = {row.pk: {row.requested_person, *_agreed(row)} for row in rows}
    logins = parties.logins_of({one for some in persons.values() for one in some})
    names = parties.names_of(row.requested_by for row in rows)
    for row in rows:
        due_on = rules.beijing_day(row.expires_at)
        yield Fact(
            key=str(row.pk),
            party_id=row.party_id,
            roles=approvers_of(row.operation),
            params={
                "approval": str(row.pk),
                "operation": row.operation,
                "maker": names[row.requested_by],
            },
            subject=f"approvals.Approval:{row.pk}",
            due_on=due_on,
            round=reminders_by((due_on - on).days, LEADS),
            without=frozenset(login for one in persons[row.pk] for login in logins[one]),
        )


def _agreed(row: Approval) -> list[Any]:
    return [consent.given_person for consent in row.consents.all()]


def tell_waiting(params: Mapping[str, Any]) -> Told:
    told = _("%(maker)s asks for approval: %(act)s.") % {
        "maker": params["maker"],
        "act": queries.title_of(params["operation"]),
    }
    address = reverse("admin:ledger_approvals_approval_change", args=[params["approval"]])
    return Told(told, address)
