"""Agreements are entered, their terms set, and what came in is shared out to the last hundredth."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.sharing import models, queries, rules
from finance.sharing.states import AgreementKind
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.parties import queries as parties


def _lock(agreement_id: UUID, *, by: Actor) -> models.Agreement:
    """:raises NotFound: not there, or not yours"""
    queries.get_kept_agreement(agreement_id, by=by)
    return models.Agreement.objects.select_for_update().get(pk=agreement_id)


@operation(retry=True)
def enter_agreement(
    *,
    code: str,
    kind: str,
    name_zh: str,
    starts_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    name_en: str = "",
    currency: str = "CNY",
    ends_on: date | None = None,
) -> models.Agreement:
    """Enter an agreement that the actor's party keeps.

    :raises NumberInUse: the party has one of this code
    :raises OutsideTheAgreement: it ends before it begins
    """
    if done := find_kept(models.Agreement, idempotency_key, by=by):
        return done
    if models.Agreement.objects.filter(party_id=by.own_party, code=code).exists():
        raise rules.NumberInUse(code=code)
    if ends_on is not None:
        rules.check_within(starts_on, ends_on, start=starts_on, end=ends_on)
    row = models.Agreement(
        party_id=by.own_party,
        code=code,
        kind=kind,
        name_zh=name_zh,
        name_en=name_en,
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
        evidence=evidence,
    )
    keep(row, "agreement.entered", key=idempotency_key, by=by, at=at)
    return row


@operation(retry=True)
def set_terms(
    *,
    agreement_id: UUID,
    valid_from: date,
    basis: str,
    participants: Sequence[Mapping[str, Any]],
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Terms:
    """Who shares with which weight from a day on; earlier terms stay.

    `participants`: party_id, role, weight (whole), contribution.

    :raises NotFound: not there, or not yours; no such party
    :raises NobodyShares, NamedTwice: of the participants
    :raises OutsideTheAgreement, TermsPast: of the day
    """
    agreement = _lock(agreement_id, by=by)
    if done := find_kept(models.Terms, idempotency_key, by=by):
        return done
    check_terms(agreement, valid_from, participants)
    row = models.Terms(
        agreement=agreement,
        valid_from=valid_from,
        basis=basis,
        evidence=evidence,
        approval_id=approval_id,
    )
    keep(row, "sharing_terms.set", key=idempotency_key, by=by, at=at)
    for place, told in enumerate(participants, start=1):
        one = models.Participant(
            terms=row,
            place=place,
            party_id=UUID(str(told["party_id"])),
            role=told["role"],
            weight=told["weight"],
            contribution=told.get("contribution", ""),
        )
        name = f"{idempotency_key}:{place}"
        keep(one, "sharing_terms.participant", key=name, by=by, at=at)
    return row


def check_terms(
    agreement: models.Agreement, valid_from: date, participants: Sequence[Mapping[str, Any]]
) -> None:
    """:raises NobodyShares, NamedTwice, OutsideTheAgreement, TermsPast, NotFound: `set_terms`"""
    rules.check_weights([told["weight"] for told in participants])
    ids = [str(told["party_id"]) for told in participants]
    if len(set(ids)) < len(ids):
        raise rules.NamedTwice
    for one in ids:
        parties.get_party(UUID(one))
    last = agreement.terms.order_by("-valid_from").first()
    if last is not None and last.valid_from >= valid_from:
        raise rules.TermsPast(day=last.valid_from.isoformat())
    if valid_from < agreement.starts_on:
        until = agreement.ends_on.isoformat() if agreement.ends_on else "…"
        raise rules.OutsideTheAgreement(first=agreement.starts_on.isoformat(), last=until)


@operation(retry=True)
def settle(
    *,
    agreement_id: UUID,
    period_start: date,
    period_end: date,
    revenue_amount: Decimal,
    costs_amount: Decimal,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    baseline_mwh: Decimal | None = None,
    measured_mwh: Decimal | None = None,
    unit_price: Decimal | None = None,
    note: str = "",
    approval_id: UUID | None = None,
) -> models.Settlement:
    """Share out what a period came to; the same period again is a new version of it.

    An energy performance contract shares what was saved against the baseline, at a price; its
    revenue is worked out. The terms of the period's first day count.

    :raises NotFound: not there, or not yours
    :raises OddAgreementAmount, SavingsNeeded: of the amounts
    :raises OutsideTheAgreement, NoTermsYet: of the period
    :raises SettledAlready: part of the period was settled with another one
    """
    agreement = _lock(agreement_id, by=by)
    if done := find_kept(models.Settlement, idempotency_key, by=by):
        return done
    savings = savings_of(agreement, baseline_mwh, measured_mwh, unit_price)
    made = check_settlement(agreement, period_start, period_end, revenue_amount, savings)
    costs = rules.check_amount(costs_amount)
    row = models.Settlement(
        agreement=agreement,
        terms=made.terms,
        period_start=period_start,
        period_end=period_end,
        version=agreement.settlements.filter(period_start=period_start).count() + 1,
        baseline_mwh=savings.baseline if savings else None,
        measured_mwh=savings.measured if savings else None,
        price_per_mwh=savings.price if savings else None,
        revenue=made.revenue,
        costs=costs,
        distributable=rules.to_share(made.revenue, costs),
        note=note,
        evidence=evidence,
        approval_id=approval_id,
    )
    keep(row, "settlement.shared", key=idempotency_key, by=by, at=at)
    for participant, amount in shared(row.distributable, made.terms, agreement.currency):
        part = models.Part(
            settlement=row, participant=participant, party_id=participant.party_id, amount=amount
        )
        name = f"{idempotency_key}:{participant.place}"
        keep(part, "settlement.part", key=name, by=by, at=at)
    return row


def savings_of(
    agreement: models.Agreement,
    baseline: Decimal | None,
    measured: Decimal | None,
    price: Decimal | None,
) -> rules.Savings | None:
    """:raises SavingsNeeded: an energy performance contract without them, or they without one
    :raises OddAgreementAmount: negative
    """
    given = [one for one in (baseline, measured, price) if one is not None]
    if agreement.kind != AgreementKind.PERFORMANCE:
        if given:
            raise rules.SavingsNeeded
        return None
    if baseline is None or measured is None or price is None:
        raise rules.SavingsNeeded
    if min(given) < 0:
        raise rules.OddAgreementAmount(text=f"{min(given):f}")
    return rules.Savings(baseline, measured, price)


class Ready:
    """A settlement that may be made: by which terms, of what revenue."""

    def __init__(self, terms: models.Terms, revenue: Decimal) -> None:
        self.terms, self.revenue = terms, revenue


def check_settlement(
    agreement: models.Agreement,
    start: date,
    end: date,
    revenue: Decimal,
    savings: rules.Savings | None,
) -> Ready:
    """:raises OddAgreementAmount, OutsideTheAgreement, NoTermsYet, SettledAlready: see `settle`"""
    rules.check_within(agreement.starts_on, agreement.ends_on, start=start, end=end)
    others = agreement.settlements.filter(period_start__lt=end, period_end__gt=start)
    if others.exclude(period_start=start, period_end=end).exists():
        raise rules.SettledAlready(first=start.isoformat(), last=end.isoformat())
    terms = queries.terms_on(agreement, start)
    if terms is None:
        raise rules.NoTermsYet(day=start.isoformat())
    return Ready(terms, savings.worth if savings else rules.check_amount(revenue))


def shared(
    amount: Decimal, terms: models.Terms, currency: str
) -> list[tuple[models.Participant, Decimal]]:
    """Each participant's part, in the order of the terms; they make the amount."""
    rows = list(terms.participants.order_by("place"))
    parts = rules.parts_of(amount, [row.weight for row in rows], currency=currency)
    return list(zip(rows, parts, strict=True))
