"""Settlement: preliminary by a job, final and adjusted by two. A statement is never edited."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

from finance.ppas import models, queries
from finance.ppas.queries.contracts import lock_contract
from finance.ppas.queries.metering import points_by_id
from finance.ppas.queries.settlements import FINAL, drafts, standing_by_month
from finance.ppas.rules import refusals
from finance.ppas.rules.statement import Draft
from finance.ppas.states import STATEMENT_TRANSITIONS, ContractState, StatementKind
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_
from ledger.kernel.periods import Period
from ledger.kernel.transitions import check_transition

TASK = "ppas.settle"
AT_A_TIME = 2000
Made = list[models.Settlement]


@operation
def request_settlement(
    *,
    first: date,
    last: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    contract_id: UUID | None = None,
) -> UUID:
    """Ask for the job that settles months of one contract, or of all that the party sees.

    `first` and `last` are first days of months, both inside. Gives the id of the job.

    :raises NotFound: no such contract
    :raises NothingToSettle: no month of a contract in force lies there
    """
    period = Period(first, Period.month(last.year, last.month).end)
    contracts = _to_settle(contract_id, by=by)
    if not any(queries.months_of(one, period) for one in contracts):
        raise refusals.NothingToSettle
    return jobs.enqueue(
        kind=N_("power settlement"),
        task=TASK,
        args={
            "contracts": [str(one.pk) for one in contracts],
            "first": first.isoformat(),
            "last": last.isoformat(),
        },
        by=by,
        at=at,
        subject=queries.subject_of(contracts[0]) if contract_id else "",
        key=f"ppas.settle:{by.party_id}:{idempotency_key}",
    ).pk


def _to_settle(contract_id: UUID | None, *, by: Actor) -> list[models.Contract]:
    if contract_id is not None:
        found = [queries.get_contract(contract_id, by=by)]
    else:
        found = list(queries.contracts_visible_to(by).order_by("number"))
    return [one for one in found if one.state == ContractState.SIGNED]


@operation
def settle_months(*, contract_ids: Sequence[UUID], period: Period, by: Actor, at: datetime) -> Made:
    """Write the preliminary statements of months that have none that still holds.

    What is final stays as it is. A preliminary one that comes to the same is not written again.

    :raises PriceMissing: hours with energy have no price
    """
    contracts = list(
        models.Contract.objects.select_for_update(no_key=True)
        .filter(pk__in=contract_ids, state=ContractState.SIGNED)
        .prefetch_related("prices", "deviations")
        .order_by("pk")
    )
    known = standing_by_month([one.pk for one in contracts])
    wanted = {
        (contract.pk, month)
        for contract in contracts
        for month in queries.months_of(contract, period)
        if (row := known.get((contract.pk, month))) is None or row.kind not in FINAL
    }
    months = sorted({month for _contract, month in wanted})
    if not months:
        return []
    found = drafts(contracts, months, known=known, wanted=wanted)
    news = [
        (contract, month, draft)
        for contract, month, draft in found
        if (row := known.get((contract.pk, month))) is None
        or row.content_hash != draft.content_hash
    ]
    return write(news, known, kind=StatementKind.PRELIMINARY, by=by, at=at)


@operation
def finalise_settlements(
    *,
    contract_id: UUID,
    months: Sequence[date],
    by: Actor,
    at: datetime,
    approval_id: UUID | None = None,
) -> Made:
    """Make the preliminary statements of these months final, in their order.

    :raises NotFound: no such contract of the party
    :raises NothingPreliminary, StatementStale: there is none, or something changed since
    :raises ReadingsMissing: meter rows are missing
    :raises EarlierMonthOpen: certificates carry on from a month that is not final
    """
    contract = _locked(contract_id, by=by)
    made: Made = []
    for month in sorted(months):
        known = standing_by_month([contract.pk])
        row = known.get((contract.pk, month))
        if row is None or row.kind != StatementKind.PRELIMINARY:
            raise refusals.NothingPreliminary(month=f"{month:%Y-%m}")
        draft = _draft(contract, month, known)
        if draft.content_hash != row.content_hash:
            raise refusals.StatementStale(month=f"{month:%Y-%m}")
        _check_complete(draft, month)
        _check_earlier(contract, month, known)
        made += write(
            [(contract, month, draft)],
            known,
            kind=StatementKind.FINAL,
            by=by,
            at=at,
            approval_id=approval_id,
        )
    return made


@operation
def adjust_settlement(
    *,
    contract_id: UUID,
    month: date,
    reason: str,
    by: Actor,
    at: datetime,
    approval_id: UUID | None = None,
) -> models.Settlement:
    """Settle a final month again, by what is known now (退补): a new version follows the old.

    :raises NotFound: no such contract of the party
    :raises NotFinal: the month has no final statement
    :raises NothingToAdjust: it comes to the same
    :raises ReadingsMissing, PriceMissing: refused
    """
    contract = _locked(contract_id, by=by)
    known = standing_by_month([contract.pk])
    row = known.get((contract.pk, month))
    if row is None or row.kind not in FINAL:
        raise refusals.NotFinal
    draft = _draft(contract, month, known)
    if draft.content_hash == row.content_hash:
        raise refusals.NothingToAdjust(month=f"{month:%Y-%m}")
    _check_complete(draft, month)
    (made,) = write(
        [(contract, month, draft)],
        known,
        kind=StatementKind.ADJUSTED,
        by=by,
        at=at,
        reason=reason,
        approval_id=approval_id,
    )
    return made


def _locked(contract_id: UUID, *, by: Actor) -> models.Contract:
    contract = lock_contract(contract_id, by=by)
    if contract.state != ContractState.SIGNED:
        raise refusals.NotSigned
    return contract


def _draft(
    contract: models.Contract, month: date, known: dict[tuple[UUID, date], models.Settlement]
) -> Draft:
    ((_contract, _month, draft),) = drafts(
        [contract], [month], known=known, wanted={(contract.pk, month)}
    )
    return draft


def _check_complete(draft: Draft, month: date) -> None:
    missing = [meter for meter, _settled in draft.meters if meter.missing_count]
    if missing:
        names = points_by_id([meter.point_id for meter in missing])
        place = "、".join(sorted(point.code for point in names.values()))
        raise refusals.ReadingsMissing(
            place=place, month=f"{month:%Y-%m}", count=draft.missing_count
        )


def _check_earlier(
    contract: models.Contract, month: date, known: dict[tuple[UUID, date], models.Settlement]
) -> None:
    """The remainder goes from month to month: a gap would lose it (R3.12)."""
    if not contract.is_bundled:
        return
    for one in queries.term_of(contract).months():
        if one.start >= month:
            return
        row = known.get((contract.pk, one.start))
        if row is None or row.kind not in FINAL:
            raise refusals.EarlierMonthOpen(month=f"{one.start:%Y-%m}")


def write(
    found: Sequence[tuple[models.Contract, date, Draft]],
    known: dict[tuple[UUID, date], models.Settlement],
    *,
    kind: StatementKind,
    by: Actor,
    at: datetime,
    reason: str = "",
    approval_id: UUID | None = None,
) -> Made:
    """Statements with their lines and meters, and one event for each."""
    rows: Made = []
    lines: list[models.SettlementLine] = []
    points: list[models.SettlementPoint] = []
    happenings = []
    for contract, month, draft in found:
        before = known.get((contract.pk, month))
        if before is not None:
            check_transition(STATEMENT_TRANSITIONS, before.kind, kind)
        row = _row(contract, month, draft, before, kind=kind)
        row.reason, row.approval_id = reason, approval_id
        row.settled_at, row.settled_by = at, by.user_id
        own_lines, own_points = _lines(row, draft), _points(row, draft)
        rows.append(row)
        lines += own_lines
        points += own_points
        happenings.append(
            audit.Happening(
                verb="power.settled",
                subject=queries.subject_of(row),
                data={"row": queries.content_of_settlement(row, own_lines, own_points)},
                reason=reason,
            )
        )
    models.Settlement.objects.bulk_create(rows, batch_size=AT_A_TIME)
    models.SettlementLine.objects.bulk_create(lines, batch_size=AT_A_TIME)
    models.SettlementPoint.objects.bulk_create(points, batch_size=AT_A_TIME)
    audit.record_many(happenings, by=by, at=at)
    return rows


def _row(
    contract: models.Contract,
    month: date,
    draft: Draft,
    before: models.Settlement | None,
    *,
    kind: StatementKind,
) -> models.Settlement:
    found, certificates, totals = draft.found, draft.certificates, draft.totals
    return models.Settlement(
        contract=contract,
        month=month,
        version=before.version + 1 if before else 1,
        kind=kind,
        supersedes=before,
        contracted_wh=found.contracted_wh,
        generated_wh=found.generated_wh,
        consumed_wh=found.consumed_wh,
        delivered_wh=found.delivered_wh,
        settled_wh=found.settled_wh,
        seller_short_wh=found.seller_short_wh,
        buyer_short_wh=found.buyer_short_wh,
        surplus_wh=found.surplus_wh,
        make_good_wh=draft.make_good_wh,
        carried_in_wh=certificates.carried_in_wh,
        certificate_count=certificates.unit_count,
        carried_out_wh=certificates.carried_out_wh,
        missing_count=draft.missing_count,
        contract_price_cny_per_kwh=draft.contract_price_cny_per_kwh,
        buyer_pays_cny=totals.buyer_pays_cny,
        seller_gets_cny=totals.seller_gets_cny,
        grid_gets_cny=totals.grid_gets_cny,
        treasury_gets_cny=totals.treasury_gets_cny,
        content_hash=draft.content_hash,
    )


def _lines(row: models.Settlement, draft: Draft) -> list[models.SettlementLine]:
    return [
        models.SettlementLine(
            settlement=row,
            position=position,
            kind=line.kind,
            tariff=line.tariff,
            energy_wh=line.energy_wh,
            cny_per_kwh=line.cny_per_kwh,
            amount_cny=line.amount_cny,
            payer=line.payer,
            payee=line.payee,
            price_id=UUID(line.price_id) if line.price_id else None,
            rule_id=UUID(line.rule_id) if line.rule_id else None,
        )
        for position, line in enumerate(draft.lines, start=1)
    ]


def _points(row: models.Settlement, draft: Draft) -> list[models.SettlementPoint]:
    return [
        models.SettlementPoint(
            settlement=row,
            point_id=UUID(meter.point_id),
            meter_month_id=UUID(meter.meter_month) if meter.meter_month else None,
            metered_wh=meter.metered_wh,
            share_bps=meter.share_bps,
            settled_wh=settled,
        )
        for meter, settled in draft.meters
    ]


Progress = Callable[[int, int], None]


def settle_in_steps(
    *,
    contract_ids: Sequence[UUID],
    period: Period,
    by: Actor,
    at: datetime,
    progress: Progress = lambda _done, _total: None,
    step: int = 25,
) -> int:
    """Settle many contracts, some at a time, each step a transaction of its own; how many
    statements were written. Safe to run again: what still holds is not written twice.
    """
    count = 0
    for done in range(0, len(contract_ids), step):
        progress(done, len(contract_ids))
        part = contract_ids[done : done + step]
        count += len(settle_months(contract_ids=part, period=period, by=by, at=at))
    progress(len(contract_ids), len(contract_ids))
    return count
