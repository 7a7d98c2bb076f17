"""What others may ask about agreements on units: what is owed, what is due, what is ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models as django_models
from django.db.models import Q, QuerySet

from finance.prices import queries as prices
from finance.repos import models
from finance.repos.rules import implied_rate
from finance.repos.states import OWING, AgreementKind
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.money import Money
from ledger.units import queries as units
from ledger.units.states import LIVE

SEES_ALL = (Role.SYSTEM, Role.AUDITOR)
MADE = ("agreement.made", "agreement.opened", "agreement.returned", "agreement.closed",
        "agreement.defaulted", "agreement.withdrawn")  # fmt: skip


def agreements_of(party_id: UUID) -> QuerySet[models.Agreement]:
    """Those in which a party gives or takes."""
    rows = models.Agreement.objects.select_related("lot", "from_account", "to_account")
    return rows.filter(Q(giver_id=party_id) | Q(taker_id=party_id))


def agreements_seen_by(actor: Actor) -> QuerySet[models.Agreement]:
    if actor.has(*SEES_ALL):
        return models.Agreement.objects.select_related("lot", "from_account", "to_account")
    return agreements_of(actor.own_party) if actor.party_id else models.Agreement.objects.none()


def get_agreement(agreement_id: UUID, *, by: Actor) -> models.Agreement:
    """:raises NotFound: not there, or not yours"""
    row = agreements_seen_by(by).filter(pk=agreement_id).first()
    if row is None:
        raise NotFound
    return row


def lock_agreement(agreement_id: UUID, *, by: Actor) -> models.Agreement:
    """:raises NotFound: not there, or not yours"""
    get_agreement(agreement_id, by=by)
    return models.Agreement.objects.select_for_update().get(pk=agreement_id)


def handovers_seen_by(actor: Actor) -> QuerySet[models.Handover]:
    return models.Handover.objects.filter(agreement__in=agreements_seen_by(actor).values("pk"))


def rate_of(row: models.Agreement) -> Decimal | None:
    """The implied rate of a repo, a share a year; None of other agreements."""
    if row.first_price is None or row.second_price is None:
        return None
    return implied_rate(
        row.first_price, row.second_price,
        start=row.starts_on, end=row.ends_on, day_count=row.day_count,
    )  # fmt: skip


def cash_of(row: models.Agreement) -> tuple[Money, Money] | None:
    """What a repo pays at its start and at its end."""
    if row.first_price is None or row.second_price is None:
        return None
    first, second = (
        Money(price * row.unit_count, row.currency).rounded()
        for price in (row.first_price, row.second_price)
    )
    return first, second


@dataclass(frozen=True, slots=True)
class Owed:
    """Units that a party owes (taker) or is owed (giver) by an agreement, and what they are worth.

    `value` None: no mark is known.
    """

    agreement_id: UUID
    number: str
    kind: AgreementKind
    is_liability: bool
    other_id: UUID
    scheme: str
    vintage_year: int
    usable_for_year: int | None
    unit_count: int
    due_on: date
    is_overdue: bool
    value: Money | None


def owed_by_and_to(party_id: UUID, on: date) -> list[Owed]:
    """Every unit still to be returned to or by a party; the liabilities of 借碳 are among them."""
    rows = list(agreements_of(party_id).filter(state__in=sorted(OWING)).order_by("ends_on", "id"))
    marks = prices.marks_on({(row.scheme, row.vintage_year) for row in rows}, on)
    return [_owed(row, party_id, on, marks.get((row.scheme, row.vintage_year))) for row in rows]


def _owed(row: models.Agreement, party_id: UUID, on: date, mark: prices.Mark | None) -> Owed:
    is_liability = row.taker_id == party_id
    count = row.outstanding_count
    return Owed(
        agreement_id=row.pk,
        number=row.number,
        kind=AgreementKind(row.kind),
        is_liability=is_liability,
        other_id=row.giver_id if is_liability else row.taker_id,
        scheme=row.scheme,
        vintage_year=row.vintage_year,
        usable_for_year=row.usable_for_year,
        unit_count=count,
        due_on=row.ends_on,
        is_overdue=row.ends_on < on,
        value=(mark.price * count).rounded() if mark else None,
    )


@dataclass(frozen=True, slots=True)
class Ownership:
    """Of one instrument and vintage: what the party's accounts hold, and what of it is its own."""

    scheme: str
    vintage_year: int
    held: int  # by law, in its accounts
    owed: int  # of that, to be returned to others
    due: int  # with others, to be returned to it

    @property
    def ours(self) -> int:
        """Beneficially: what stays when everything is returned."""
        return self.held - self.owed + self.due


def ownership_of(party_id: UUID) -> list[Ownership]:
    """Held and ours are two numbers wherever units are with somebody else. As it is now."""
    sums: dict[tuple[str, int], list[int]] = {}
    for one in units.holdings(party_id):
        if one.state in LIVE:
            sums.setdefault((one.scheme, one.vintage_year), [0, 0, 0])[0] += one.unit_count
    for row in agreements_of(party_id).filter(state__in=sorted(OWING)):
        place = 1 if row.taker_id == party_id else 2
        found = sums.setdefault((row.scheme, row.vintage_year), [0, 0, 0])
        found[place] += row.outstanding_count
    return [Ownership(*key, *numbers) for key, numbers in sorted(sums.items())]


# --- rows against their events


def content_of(row: django_models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def subject_of(row: django_models.Model) -> str:
    return f"repos.{type(row).__name__}:{row.pk}"


def check_rows_match_events() -> Iterator[Fault]:
    """Every agreement as its newest event tells it, and every handover as its own."""
    yield from compare_rows_with_events(
        ((subject_of(row), content_of(row)) for row in models.Agreement.objects.iterator()),
        kind="repos.agreement",
        verbs=MADE,
    )
    yield from compare_rows_with_events(
        ((subject_of(row), content_of(row)) for row in models.Handover.objects.iterator()),
        kind="repos.handover",
        verbs=["agreement.handed_over"],
    )
