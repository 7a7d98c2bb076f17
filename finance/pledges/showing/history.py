"""What happened to a pledge since it was approved, in words; and who has looked at it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.pledges import models
from finance.pledges.states import PledgeState, RequestState
from ledger.audit import queries as audit
from ledger.doors.wording import moment
from ledger.parties import queries as parties

LOOKS = {
    "list": gettext_lazy("list of pledges"),
    "page": gettext_lazy("page of the pledge"),
    "request": gettext_lazy("request to the creditor"),
    "details": gettext_lazy("list of details"),
    "export": gettext_lazy("export to a file"),
    "api": gettext_lazy("API"),
    "api/ltv": gettext_lazy("API: series of LTV"),
    "attestations": gettext_lazy("attestations"),
}


class Happened(NamedTuple):
    at: datetime
    what: str
    by: UUID | None


def history_of(obj: models.Pledge) -> list[Happened]:
    """Newest first; of the time before the approval nothing is told."""
    found = [*_moves(obj), *_entries(obj), *_asked(obj), *_calls(obj)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _moves(obj: models.Pledge) -> Iterator[Happened]:
    for event in audit.events_of(f"pledges.Pledge:{obj.pk}").filter(verb="pledge.moved"):
        state = audit.data_of(event).get("row", {}).get("state")
        if state:
            label = PledgeState(state).label
            yield Happened(event.happened_at, _("State: %(state)s") % {"state": label}, None)


def _entries(obj: models.Pledge) -> Iterator[Happened]:
    for one in obj.registrations.all():
        about = {"register": one.get_register_display(), "number": one.number}
        said = _("Recorded: %(register)s, %(number)s") % about
        yield Happened(one.recorded_at, said, one.recorded_by)
    for court in obj.proceedings.all():
        said = _("Court: %(kind)s, %(number)s") % {
            "kind": court.get_kind_display(), "number": court.number,
        }  # fmt: skip
        yield Happened(court.recorded_at, said, court.recorded_by)


def _asked(obj: models.Pledge) -> Iterator[Happened]:
    for one in obj.requests.all():
        about = {"number": one.number, "kind": one.get_kind_display()}
        said = _("Asked: %(kind)s (%(number)s)") % about
        yield Happened(one.recorded_at, said, one.recorded_by)
        if one.state != RequestState.WAITING and one.decided_at:
            about["state"] = one.get_state_display()
            said = _("%(state)s: %(kind)s (%(number)s)") % about
            yield Happened(one.decided_at, said, one.decided_by)


def _calls(obj: models.Pledge) -> Iterator[Happened]:
    for one in obj.calls.all():
        said = _("Margin call until %(day)s") % {"day": date_format(one.due_on)}
        yield Happened(one.recorded_at, said, None)


def reads_of(obj: models.Pledge, *, most: int = 50) -> list[list[Any]]:
    """When, who, and where she looked; the newest first."""
    rows = audit.events_of(f"pledges.Pledge:{obj.pk}").filter(verb="pledge.read")
    events = list(rows.order_by("-id")[:most])
    names = parties.names_of({one.actor_id for one in events})
    return [
        [moment(one.happened_at), names.get(one.actor_id, "–"), _looked(audit.data_of(one))]
        for one in events
    ]


def _looked(data: dict[str, Any]) -> str:
    what = str(data.get("what", ""))
    return str(LOOKS.get(what, what))
