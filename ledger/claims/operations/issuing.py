"""Certificates of a plant's month out of its meter: whole ones, the rest carried on (R3.12)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.audit import operations as audit
from ledger.claims import queries, rules
from ledger.claims.models import Generation, Issuance
from ledger.doors.operation import operation
from ledger.holds import operations as holds
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.units import operations as units
from ledger.units.states import UnitState


@dataclass(frozen=True, slots=True)
class _Month:
    """What a month's certificates are made of."""

    generation: Generation
    scheme: instruments.SchemeRules
    kind: str
    basis: Decimal
    carried: Decimal
    carried_from: date | None

    @property
    def period(self) -> Period:
        month = self.generation.month
        return Period.month(month.year, month.month)

    def code(self) -> str:
        """The lot's name; of certificates issued anew after a reversal it says how often."""
        plant = self.generation.plant.code
        before = queries.count_issuances(self.generation, scheme=self.scheme.code, kind=self.kind)
        ending = (f"-{self.kind}" if self.kind else "") + (f"-{before + 1}" if before else "")
        return f"{self.scheme.code}-{plant}-{self.generation.month:%Y-%m}{ending}"


def _month_of(
    generation: Generation, scheme: instruments.SchemeRules, kind: str, mwh: Decimal | None
) -> _Month:
    """:raises EarlierMonthFirst, LaterMonthIssued: the remainder goes from month to month
    :raises BasisTooLarge: more than the month has left for this kind
    """
    rules.check_order_of_months(
        earlier_open=queries.earlier_open(generation, scheme=scheme.code),
        later_issued=queries.later_issued(generation, scheme=scheme.code, kind=kind),
    )
    left = generation.metered_mwh - queries.basis_used(generation, scheme=scheme.code)
    basis = left if mwh is None else mwh
    rules.check_basis(basis, left=left)
    before = queries.last_issuance(
        plant_id=generation.plant_id, scheme=scheme.code, kind=kind, before=generation.month
    )
    if before is None or not before.carried_out_mwh:
        return _Month(generation, scheme, kind, basis, Decimal(0), None)
    since = before.generation.month
    if not before.unit_count and before.carried_in_from:
        since = before.carried_in_from  # a month of less than one MWh only passed it on
    return _Month(generation, scheme, kind, basis, before.carried_out_mwh, since)


def _open_lot(month: _Month, count: int, prefix: str, *, by: Actor, at: datetime) -> UUID:
    period, scheme, code = month.period, month.scheme, month.code()
    traits: dict[str, Any] = {"kind": month.kind} if month.kind else {}
    if month.carried_from is not None:
        traits["carried_mwh"] = rules.plain(month.carried)
        traits["carried_from"] = month.carried_from.isoformat()
        traits["issued"] = count
    facts = instruments.LotFacts(
        scheme=scheme.code, vintage_year=period.start.year, generated_from=period.start
    )
    last = instruments.last_usable_on(scheme, facts)
    return units.open_lot(
        facts=units.LotFacts(
            code=code,
            scheme=scheme.code,
            vintage_year=period.start.year,
            space=(scheme.registry, scheme.code, prefix or code) if scheme.has_serials else None,
            plant_id=month.generation.plant_id,
            generated_from=period.start,
            generated_to=period.end,
            expires_on=last + timedelta(days=1) if last else None,
            traits=traits,
        ),
        by=by,
        at=at,
    )


def _check_scheme(generation: Generation, scheme: instruments.SchemeRules) -> None:
    """:raises NotACertificate, InAnotherSystem: R3.22"""
    if not scheme.is_energy:
        raise rules.NotACertificate
    if queries.is_certified_elsewhere(
        plant_id=generation.plant_id, month=generation.month, scheme=scheme.code
    ):
        raise rules.InAnotherSystem(month=f"{generation.month:%Y-%m}")


@operation(retry=True)
def issue_certificates(
    *,
    plant_id: UUID,
    month: date,
    issuer_account_id: UUID,
    to_account_id: UUID,
    by: Actor,
    at: datetime,
    scheme: str = "GEC",
    kind: str = "",
    basis_mwh: Decimal | None = None,
    first_serial: int = 1,
    serial_prefix: str = "",
    reason: str = "",
) -> Issuance:
    """Issue the whole certificates of a metered month; what is below one goes to the next month.

    `kind` names certificates that are issued and never traded (R3.13: SELF_USE; old hydro is known
    by its plant); `basis_mwh` the part of the month that is of this kind, else all that is left.
    Without a number of the registry's own, serials begin at 1 in a space of the lot's own. The
    same month again is answered with the same issuance. What a registered project of the plant
    excludes is frozen at once (R3.10).

    :raises NotFound: another party's plant, or an account that is not there
    :raises NoGeneration: the month is not metered
    :raises NotACertificate, InAnotherSystem: the scheme, R3.22
    :raises EarlierMonthFirst, LaterMonthIssued, BasisTooLarge, IssuedOtherwise: refused
    """
    instruments.check_own_plant(plant_id, by=by)
    rows = queries.lock_generation(plant_id=plant_id, period=Period.month(month.year, month.month))
    if not rows:
        raise rules.NoGeneration(month=f"{month:%Y-%m}")
    generation, law = rows[0], instruments.get_scheme(scheme)
    kind = kind or instruments.kind_of_certificates(plant_id, on=month)
    if made := queries.find_issuance(generation, scheme=scheme, kind=kind):
        if basis_mwh is not None and made.basis_mwh != basis_mwh:
            raise rules.IssuedOtherwise(month=f"{month:%Y-%m}")
        return made
    _check_scheme(generation, law)
    target = accounts.get_open_account(to_account_id, by=by)
    accounts.check_movement("ISSUE", accounts.get_account(issuer_account_id), target)
    one = _month_of(generation, law, kind, basis_mwh)
    count, carried_on = instruments.whole_certificates(one.basis, one.carried)
    issuance = Issuance(
        pk=new_id(),
        scheme=scheme,
        kind=kind,
        generation=generation,
        basis_mwh=one.basis,
        carried_in_mwh=one.carried,
        carried_in_from=one.carried_from,
        unit_count=count,
        carried_out_mwh=carried_on,
        issued_at=at,
        issued_by=by.user_id,
    )
    if count:
        issuance.lot_id = _open_lot(one, count, serial_prefix, by=by, at=at)
        first = first_serial if law.has_serials else None
        issuance.entry_id = units.post_entry(
            kind="ISSUE",
            legs=[
                units.Leg(
                    issuance.lot_id,
                    issuer_account_id,
                    UnitState.UNISSUED,
                    to_account_id,
                    UnitState.FREE,
                    count,
                    first,
                    None if first is None else first + count - 1,
                )
            ],
            happened_on=rules.beijing_day(at),
            by=by,
            at=at,
            idempotency_key=f"issuance:{issuance.pk}",
            subject=f"claims.Issuance:{issuance.pk}",
            data={"issuance": issuance.pk, "transaction": "ISSUANCE"},
            reason=reason,
        ).entry_id
    issuance.save(force_insert=True)
    audit.record(
        verb="certificates.issued",
        subject=f"claims.Issuance:{issuance.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of_issuance(issuance)},
        reason=reason,
    )
    for project in instruments.projects_excluding(plant_id=plant_id, scheme=scheme):
        holds.freeze_certificates(project_id=project.pk, by=by, at=at)
    return issuance
