"""What people should know of the compliance year's due days; registered in wiring."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ledger.compliance import queries
from ledger.doors.wording import in_language, number_format
from ledger.kernel.actors import Role
from ledger.kernel.notices import Fact, Told, reminders_by
from ledger.parameters import queries as parameters

DUE = "compliance.due"


def due(*, on: date) -> Iterator[Fact]:
    """What is before each entity within the days of reminding, and what is late and still open.

    Reminded of at each of the rule book's days, and daily when late.
    """
    try:
        leads = sorted(queries.lead_days(on), reverse=True)
    except parameters.NoParameter:
        return
    for one in queries.dues_near(on, within_days=leads[0]):
        late_days = max(-one.days_left, 0)
        yield Fact(
            key=f"{one.entity_id}:{one.year}:{one.event}:{one.due_on.isoformat()}",
            party_id=one.party_id,
            roles=frozenset({Role.CARBON_MANAGER}),
            params={
                "obligation": str(one.obligation_id),
                "entity_zh": one.entity_zh,
                "entity_en": one.entity_en,
                "year": one.year,
                "zh": one.name_zh,
                "en": one.name_en,
                "day": one.due_on.isoformat(),
                "late": late_days,
                "open": one.open_t,
                "unverified": int(one.is_unverified),
            },
            subject=f"compliance.Obligation:{one.obligation_id}",
            due_on=one.due_on,
            round=reminders_by(one.days_left, leads[1:]) + late_days,
        )


def tell_due(params: Mapping[str, Any]) -> Told:
    if params["late"]:
        said = _("%(event)s of %(entity)s for %(year)s was due on %(day)s.")
    else:
        said = _("%(event)s of %(entity)s for %(year)s is due on %(day)s.")
    parts = [
        said
        % {
            "event": capfirst(in_language(params["zh"], params["en"])),
            "entity": in_language(params["entity_zh"], params["entity_en"]),
            "year": params["year"],
            "day": date_format(date.fromisoformat(params["day"])),
        }
    ]
    if params["open"]:
        parts.append(_("%(open)s t are still open.") % {"open": number_format(params["open"])})
    if params["unverified"]:
        parts.append(_("The day is unverified."))
    address = reverse("admin:ledger_compliance_obligation_change", args=[params["obligation"]])
    return Told(in_language("", " ").join(parts), address)  # Chinese sentences touch
