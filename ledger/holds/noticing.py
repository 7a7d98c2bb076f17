"""What people should know of holds that end and transfers that wait; registered in wiring."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ledger.doors.wording import number_format
from ledger.holds.models import Hold, PendingTransfer
from ledger.holds.states import LIVE, HoldKind, TransferState
from ledger.kernel.actors import Role
from ledger.kernel.notices import Fact, Told, reminders_by
from ledger.parameters import queries as parameters

ENDING, TRANSFERS = "holds.ending", "holds.transfers"
REMINDERS = "holds.ending.reminders"
HOLDERS = frozenset({Role.CARBON_MANAGER})
CREDITORS = frozenset({Role.BANK_OFFICER, Role.CARBON_MANAGER})


def ending(*, on: date) -> Iterator[Fact]:
    """Live holds that end soon, for who owns the units and for whom they secure."""
    try:
        days = str(parameters.get_parameter(REMINDERS, on=on).value)
    except parameters.NoParameter:
        return
    leads = [int(one) for one in days.split()]
    until = on + timedelta(days=max(leads))
    rows = Hold.objects.filter(state__in=LIVE, expires_on__gt=on, expires_on__lte=until)
    for row in rows.select_related("account", "lot").order_by("expires_on", "id"):
        assert row.expires_on is not None  # noqa: S101  filtered above
        yield from _of_hold(
            row, row.expires_on, round_=reminders_by((row.expires_on - on).days, leads[1:])
        )


def _of_hold(row: Hold, end: date, *, round_: int) -> Iterator[Fact]:
    told = [(row.account.holder_id, HOLDERS)]
    if row.in_favour_of is not None and row.in_favour_of != row.account.holder_id:
        told.append((row.in_favour_of, CREDITORS))
    for party_id, roles in told:
        yield Fact(
            key=str(row.pk),
            party_id=party_id,
            roles=roles,
            params={
                "hold": str(row.pk),
                "kind": row.kind,
                "lot": row.lot.code,
                "number": row.account.number,
                "units": row.remaining_count,
                "end": end.isoformat(),
            },
            subject=f"holds.Hold:{row.pk}",
            due_on=end,
            round=round_,
        )


def tell_ending(params: Mapping[str, Any]) -> Told:
    told = _(
        "The %(kind)s of %(units)s units of lot %(lot)s in account %(number)s ends on %(day)s."
    ) % {
        "kind": HoldKind(params["kind"]).label,
        "units": number_format(params["units"]),
        "lot": params["lot"],
        "number": params["number"],
        "day": date_format(date.fromisoformat(params["end"])),
    }
    return Told(told, reverse("admin:ledger_holds_hold_change", args=[params["hold"]]))


def transfers(*, on: date) -> Iterator[Fact]:
    """Transfers that go out by themselves unless somebody stops them; once more when held back."""
    rows = PendingTransfer.objects.filter(state=TransferState.WAITING)
    for row in rows.select_related("hold__account", "hold__lot", "to_account"):
        hold = row.hold
        yield Fact(
            key=str(row.pk),
            party_id=hold.account.holder_id,
            roles=frozenset({Role.CARBON_MANAGER, Role.APPROVER}),
            params={
                "transfer": str(row.pk),
                "units": hold.remaining_count,
                "lot": hold.lot.code,
                "from": hold.account.number,
                "to": row.to_account.number,
                "day": row.executes_on.isoformat(),
                "refusal": row.refusal,
            },
            subject=f"holds.PendingTransfer:{row.pk}",
            due_on=row.executes_on,
            round=1 if row.refusal else 0,
        )


def tell_transfers(params: Mapping[str, Any]) -> Told:
    if params["refusal"]:
        said = _(
            "The transfer of %(units)s units of lot %(lot)s from %(from)s to %(to)s is held back."
        )
    else:
        said = _(
            "%(units)s units of lot %(lot)s leave %(from)s for %(to)s on %(day)s unless somebody "
            "stops the transfer."
        )
    told = said % {
        **params,
        "units": number_format(params["units"]),
        "day": date_format(date.fromisoformat(params["day"])),
    }
    address = reverse("admin:ledger_holds_pendingtransfer_change", args=[params["transfer"]])
    return Told(told, address)
