"""What holders should know: units whose validity ends. `config/wiring.py` registers it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ledger.accounts import queries as accounts
from ledger.doors.wording import number_format
from ledger.kernel.actors import Role
from ledger.kernel.notices import Fact, Told, reminders_by
from ledger.parameters import queries as parameters
from ledger.units import queries

ENDING = "units.ending"
REMINDERS = "units.expiry.reminders"


def ending(*, on: date) -> Iterator[Fact]:
    """Units of a scheme in an account with the same last day; silent where no rule says when."""
    try:
        days = str(parameters.get_parameter(REMINDERS, on=on).value)
    except parameters.NoParameter:
        return
    leads = [int(one) for one in days.split()]
    counts: dict[tuple[Any, str, date], int] = {}
    for one in queries.expiring(on=on, within_days=max(leads)):
        place = (one.account_id, one.scheme, one.last_usable_on)
        counts[place] = counts.get(place, 0) + one.unit_count
    seen = accounts.accounts().filter(pk__in={place[0] for place in counts})
    found = {row.pk: row for row in seen}
    for (account_id, scheme, last), unit_count in counts.items():
        account = found[account_id]
        yield Fact(
            key=f"{account_id}:{scheme}:{last.isoformat()}",
            party_id=account.holder_id,
            roles=frozenset({Role.CARBON_MANAGER}),
            params={
                "account": str(account_id),
                "number": account.number,
                "scheme": scheme,
                "units": unit_count,
                "last": last.isoformat(),
            },
            subject=f"accounts.Account:{account_id}",
            due_on=last,
            round=reminders_by((last - on).days, leads[1:]),
        )


def tell_ending(params: Mapping[str, Any]) -> Told:
    told = _(
        "%(units)s units of %(scheme)s in account %(number)s can be used until %(day)s, and not "
        "after it."
    ) % {
        "units": number_format(params["units"]),
        "scheme": params["scheme"],
        "number": params["number"],
        "day": date_format(date.fromisoformat(params["last"])),
    }
    chosen = {"account": params["account"], "scheme": params["scheme"]}
    return Told(told, f"{reverse('units_holdings')}?{urlencode(chosen)}")
