"""What debtor and creditor should know of a pledge; registered in `config/noticing.py`."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from finance.pledges import models
from finance.pledges.queries import to_watch
from finance.pledges.queries.clashes import say, shown_to
from finance.pledges.states import CallState, Level, RequestKind, RequestState
from ledger.doors.wording import number_format
from ledger.kernel.actors import Role
from ledger.kernel.notices import Fact, Told

CALLS, ALERTS, ASKED = "pledges.calls", "pledges.alerts", "pledges.asked"
DEBTORS, CREDITORS = frozenset({Role.CARBON_MANAGER}), frozenset({Role.BANK_OFFICER})


def _both(row: models.Pledge) -> tuple[tuple[Any, frozenset[Role]], ...]:
    return (row.debtor_id, DEBTORS), (row.creditor_id, CREDITORS)


def calls(*, on: date) -> Iterator[Fact]:
    """Open margin calls, for both; daily once they are late."""
    rows = models.MarginCall.objects.filter(state=CallState.OPEN).select_related("pledge")
    for row in rows:
        for party_id, roles in _both(row.pledge):
            yield Fact(
                key=str(row.pk),
                party_id=party_id,
                roles=roles,
                params={
                    "pledge": str(row.pledge_id),
                    "number": row.pledge.number,
                    "units": row.unit_count,
                    "due": row.due_on.isoformat(),
                    "late": int(row.due_on < on),
                },
                subject=f"pledges.Pledge:{row.pledge_id}",
                due_on=row.due_on,
                round=max((on - row.due_on).days, 0),
            )


def tell_calls(params: Mapping[str, Any]) -> Told:
    said = _("Pledge %(number)s: %(units)s units are to be added by %(day)s.")
    if params["late"]:
        said = _("Pledge %(number)s: %(units)s units were to be added by %(day)s.")
    facts = {
        "number": params["number"],
        "units": number_format(params["units"], force_grouping=True),
        "day": date_format(date.fromisoformat(params["due"])),
    }
    return Told(said % facts, _address(params))


def alerts(*, on: date) -> Iterator[Fact]:
    """What the newest valuation says of a pledge: lines reached, clashes, registrations."""
    for row in to_watch():
        newest = row.valuations.first()
        if newest is None:
            continue
        found = [one for one in newest.alerts if one["code"] != "STALE"]
        if newest.level in {Level.WARNING, Level.TOP_UP, Level.CLOSE_OUT}:
            found.append({"code": f"LINE_{newest.level}", "ltv": f"{newest.ltv:f}"})
        for one in found:
            yield from _alert(row, one)


def _alert(row: models.Pledge, alert: Mapping[str, Any]) -> Iterator[Fact]:
    for party_id, roles in _both(row):
        if not shown_to([dict(alert)], creditor=party_id == row.creditor_id):
            continue
        yield Fact(
            key=f"{row.pk}:{alert['code']}",
            party_id=party_id,
            roles=roles,
            params={"pledge": str(row.pk), "of": row.number, **alert},
            subject=f"pledges.Pledge:{row.pk}",
        )


def tell_alerts(params: Mapping[str, Any]) -> Told:
    said = {"number": params["of"], "alert": _alert_said(params)}
    return Told(_("Pledge %(number)s: %(alert)s") % said, _address(params))


def _alert_said(params: Mapping[str, Any]) -> str:
    code = params["code"]
    if not code.startswith("LINE_"):
        return say({name: value for name, value in params.items() if name not in {"pledge", "of"}})
    line = Level(code.removeprefix("LINE_")).label
    ltv = number_format(Decimal(params["ltv"]) * 100, 2)
    return _("the LTV is %(ltv)s %%: %(line)s.") % {"ltv": ltv, "line": line}


def asked(*, on: date) -> Iterator[Fact]:
    """What waits for a creditor's decision."""
    rows = models.Request.objects.filter(state=RequestState.WAITING).select_related("pledge")
    for row in rows:
        yield Fact(
            key=str(row.pk),
            party_id=row.pledge.creditor_id,
            roles=CREDITORS,
            params={
                "request": str(row.pk),
                "pledge": str(row.pledge_id),
                "number": row.pledge.number,
                "kind": row.kind,
            },
            subject=f"pledges.Request:{row.pk}",
        )


def tell_asked(params: Mapping[str, Any]) -> Told:
    facts = {"number": params["number"], "kind": RequestKind(params["kind"]).label}
    told = _("Pledge %(number)s: %(kind)s waits for your decision.") % facts
    return Told(told, reverse("admin:finance_pledges_request_change", args=[params["request"]]))


def _address(params: Mapping[str, Any]) -> str:
    return reverse("admin:finance_pledges_pledge_change", args=[params["pledge"]])
