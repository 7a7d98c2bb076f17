"""What people should know of open breaks. `config/wiring.py` registers it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import ngettext

from ledger.doors.wording import number_format
from ledger.kernel.actors import Role
from ledger.kernel.notices import Fact, Told
from ledger.reconciliation.models import OPEN, Break

BREAKS = "reconciliation.breaks"


def open_breaks(*, on: date) -> Iterator[Fact]:
    """One fact for each vintage that is blocked in an account, however many differences it has.

    Told again when closed ones have opened anew. Who is in charge of a break is told by name.
    """
    rows = (
        Break.objects.filter(state__in=OPEN)
        .values("account_id", "account__number", "account__holder_id", "scheme", "vintage_year")
        .annotate(
            count=Count("pk"),
            owners=ArrayAgg("owner_id", distinct=True, filter=Q(owner_id__isnull=False)),
        )
        .order_by("account_id", "scheme", "vintage_year")
    )
    for row in rows:
        yield Fact(
            key=f"{row['account_id']}:{row['scheme']}:{row['vintage_year']}",
            party_id=row["account__holder_id"],
            roles=frozenset({Role.CARBON_MANAGER}),
            users=frozenset(row["owners"] or ()),
            params={
                "account": str(row["account_id"]),
                "number": row["account__number"],
                "scheme": row["scheme"],
                "vintage": row["vintage_year"],
                "count": row["count"],
            },
            subject=f"accounts.Account:{row['account_id']}",
        )


def tell_open_breaks(params: Mapping[str, Any]) -> Told:
    told = ngettext(
        "%(scheme)s %(vintage)s in account %(number)s: %(shown)s difference from the registry's "
        "statement is open; its transfer, pledge and surrender are blocked.",
        "%(scheme)s %(vintage)s in account %(number)s: %(shown)s differences from the registry's "
        "statement are open; its transfer, pledge and surrender are blocked.",
        params["count"],
    ) % {**params, "shown": number_format(params["count"])}
    chosen = {
        "account__id__exact": params["account"],
        "scheme": params["scheme"],
        "vintage_year": params["vintage"],
    }
    return Told(
        told, f"{reverse('admin:ledger_reconciliation_break_changelist')}?{urlencode(chosen)}"
    )
