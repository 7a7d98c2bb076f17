"""Building, freezing and restating inventories."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.kernel.quantities import whole
from ledger.kernel.transitions import check_transition
from reporting.inventories import models, rules
from reporting.inventories.engine.content import text
from reporting.inventories.engine.judging import Change, check_denominators, check_significance
from reporting.inventories.engine.values import Result
from reporting.inventories.operations.content import content_of, plain
from reporting.inventories.queries import frozen as frozen_queries
from reporting.inventories.queries import inputs
from reporting.inventories.queries.frozen import FrozenView, InventoryView
from reporting.inventories.states import TRANSITIONS, Consolidation, InventoryState
from reporting.parks import queries as parks

BEIJING = ZoneInfo("Asia/Shanghai")
AT_A_TIME = 2000


@operation
def build_inventory(
    *,
    park_id: UUID,
    period: Period,
    consolidation: Consolidation,
    gwp_set: str,
    by: Actor,
    at: datetime,
    significance: str = "",
    exclusions: Sequence[Mapping[str, str]] = (),
    base_year: Mapping[str, str] | None = None,
    sold_certificates_mwh: Decimal = Decimal(0),
    notes: Mapping[str, str] | None = None,
    significance_by_part: Sequence[Mapping[str, Any]] = (),
    denominators: Sequence[Mapping[str, str]] = (),
    suppliers: Sequence[Mapping[str, Any]] = (),
    inner_park: str = "",
) -> InventoryView:
    """Build and calculate the inventory of a park for whole months, or of a park within it: of
    what stood in the `inner_park` of this name on the first day of each month.

    `base_year` holds year, total_tco2e, reason, recalculation_policy; `exclusions` what and
    reason; `notes` further texts of the report by name. Self-generated power whose certificates
    were sold counts at the residual mix in the market-based total (R5.10).

    `significance_by_part` holds part, criteria, is_significant and reason for categories of
    indirect emissions (R5.12); `denominators` name_zh, name_en, unit and amount for intensities;
    `suppliers` name, mwh, tco2e_per_mwh, evidence and answers to the eight criteria (R5.6).

    :raises NotFound: the park, or the park within it, is not there or not the actor's
    :raises NotWholeMonths, ExclusionWithoutReason, NothingToCalculate: as they say
    :raises SignificanceUnanswered, NoDenominator, SupplierIncomplete: as they say
    :raises NoFactor, MissingGwp: something that is needed is not there
    """
    if inner_park and inner_park not in parks.inner_parks(park_id):
        raise NotFound
    rules.check_exclusions(exclusions)
    rules.check_suppliers(suppliers)
    check_significance(significance_by_part)
    check_denominators(denominators)
    choices = {
        "significance": significance,
        "exclusions": [dict(one) for one in exclusions],
        "base_year": dict(base_year or {}),
        "sold_certificates_mwh": text(sold_certificates_mwh),
        "notes": dict(notes or {}),
        "significance_by_part": [dict(one) for one in significance_by_part],
        "denominators": [dict(one) for one in denominators],
        "suppliers": [dict(one) for one in suppliers],
        **({"inner_park": inner_park} if inner_park else {}),
    }
    inventory = _new(
        park_id=park_id,
        period=period,
        way=Consolidation(consolidation),
        gwp_set=gwp_set,
        choices=choices,
        by=by,
        at=at,
    )
    return _calculate(inventory, by, at)


@operation
def build_from_gases(
    *,
    park_id: UUID,
    period: Period,
    gwp_set: str,
    tonnes: Mapping[str, Decimal],
    source: str,
    by: Actor,
    at: datetime,
    data_state: str = "",
    biogenic_inside: bool = False,
    biogenic_co2_t: Decimal = Decimal(0),
    notes: Mapping[str, str] | None = None,
) -> InventoryView:
    """Build the inventory of a facility that reports masses by gas instead of activity.

    With `biogenic_inside` the programme counts biogenic CO2 in the total; `biogenic_co2_t` says
    how much of it there is.

    :raises NotFound: the park is not there or not the actor's
    :raises MissingGwp: the set has no value for one of the gases
    """
    given = {
        "tonnes": {gas: text(mass) for gas, mass in tonnes.items()},
        "source": source,
        "data_state": data_state,
        "biogenic_inside": biogenic_inside,
        "biogenic_co2_t": text(biogenic_co2_t),
    }
    choices = {"gases": given, "exclusions": [], "base_year": {}, "notes": dict(notes or {})}
    inventory = _new(
        park_id=park_id,
        period=period,
        way=Consolidation.OPERATIONAL_CONTROL,
        gwp_set=gwp_set,
        choices=choices,
        by=by,
        at=at,
    )
    return _calculate(inventory, by, at)


@operation
def calculate_inventory(*, inventory_id: UUID, by: Actor, at: datetime) -> InventoryView:
    """Calculate again, from today's data and factors. The lines of before stay.

    :raises NotFound: not there, or not the actor's
    :raises IllegalTransition: it is frozen
    """
    return _calculate(_lock(inventory_id, by), by, at)


@operation
def freeze_inventory(*, inventory_id: UUID, by: Actor, at: datetime) -> FrozenView:
    """Keep the inventory as it stands, for good: its content, and one hash over it.

    :raises NotFound: not there, or not the actor's
    :raises DataChangedSinceCalculation: calculate again first
    :raises IllegalTransition: not calculated, or frozen already
    """
    inventory = _lock(inventory_id, by)
    check_transition(TRANSITIONS, inventory.state, InventoryState.FROZEN)
    _wait_for_other_parks()
    assert inventory.calculated_on is not None  # noqa: S101  calculated has a day
    found = inputs.gather(inventory, inventory.calculated_on)
    result = found.content()[1]
    if _digest(found, result) != inventory.result_digest:
        raise rules.DataChangedSinceCalculation
    content = plain(content_of(inventory, found, result))
    checkpoint = log.latest_checkpoint()
    frozen = models.FrozenInventory.objects.create(
        inventory=inventory,
        content=content,
        content_hash=digest(content).hex(),
        dataset_hash=found.dataset_hash,
        data_state=found.data_state,
        checkpoint_size=checkpoint.tree_size if checkpoint else None,
        frozen_at=at,
        frozen_by=by.user_id,
    )
    _move(inventory, InventoryState.FROZEN, by, at)
    audit.record(
        verb="inventory.content_frozen",
        subject=f"inventories.FrozenInventory:{frozen.pk}",
        by=by,
        at=at,
        data={"row": frozen_queries.frozen_facts(frozen)},
    )
    return frozen_queries.frozen_view(frozen)


@operation
def restate_inventory(
    *,
    inventory_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    change: Change = Change.ERROR,
) -> InventoryView:
    """Build a new inventory in the place of a frozen one, from today's data. The old one stays.

    What it moved is told with the threshold of the policy, by the kind of `change` (R5.14).

    :raises NotFound: not there, or not the actor's
    :raises ReasonMissing: a restatement says why
    :raises IllegalTransition: it is not frozen, or restated already
    """
    rules.check_reason(reason)
    old = _lock(inventory_id, by)
    check_transition(TRANSITIONS, old.state, InventoryState.RESTATED)
    new = _new(
        park_id=old.park_id,
        period=inputs.period_of(old),
        way=Consolidation(old.consolidation),
        gwp_set=old.gwp_set,
        choices={
            **old.choices,
            "restatement_reason": reason,
            "restatement_change": Change(change).value,
            "restatement_before_tco2e": text(_total(old)),
        },
        by=by,
        at=at,
        replaces=old,
    )
    view = _calculate(new, by, at)
    _move(old, InventoryState.RESTATED, by, at, reason=reason)
    return view


def _total(inventory: models.Inventory) -> Decimal:
    """Scopes 1 and 2, location-based."""
    parts = inventory.scope_1_tco2e, inventory.scope_2_location_tco2e
    return whole(one for one in parts if one is not None)


def _new(
    *,
    park_id: UUID,
    period: Period,
    way: Consolidation,
    gwp_set: str,
    choices: dict[str, Any],
    by: Actor,
    at: datetime,
    replaces: models.Inventory | None = None,
) -> models.Inventory:
    park = parks.get_park(park_id, by)
    rules.check_period(period)
    return models.Inventory.objects.create(
        park_id=park.id,
        party_id=park.operator_id,
        period_start=period.start,
        period_end=period.end,
        consolidation=way,
        gwp_set=gwp_set,
        purpose=rules.PURPOSE,
        state=InventoryState.DRAFT,
        choices=choices,
        replaces=replaces,
        built_at=at,
        built_by=by.user_id,
        moved_at=at,
        moved_by=by.user_id,
    )


def _lock(inventory_id: UUID, by: Actor) -> models.Inventory:
    row = models.Inventory.objects.select_for_update().filter(pk=inventory_id).first()
    if row is None or not parks.may_see(by, row.party_id):
        raise NotFound
    return row


def _wait_for_other_parks() -> None:
    """One freezing at a time: of two parks that count the same claim the second sees the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('inventories.freeze', 0))")


def _calculate(inventory: models.Inventory, by: Actor, at: datetime) -> InventoryView:
    check_transition(TRANSITIONS, inventory.state, InventoryState.CALCULATED)
    today = at.astimezone(BEIJING).date()
    found = inputs.gather(inventory, today)
    if not found.activities:
        raise rules.NothingToCalculate
    result, content = found.content()
    inventory.calculation += 1
    inventory.calculated_on = today
    inventory.result_digest = _digest(found, content)
    inventory.scope_1_tco2e = result.totals.scope_1
    inventory.scope_2_location_tco2e = result.totals.scope_2_location
    inventory.scope_2_market_tco2e = result.totals.scope_2_market
    _write_lines(inventory, result, by, at)
    _move(inventory, InventoryState.CALCULATED, by, at)
    return frozen_queries.inventory_view(inventory)


def _digest(found: inputs.Inputs, content: Mapping[str, Any]) -> str:
    facts = {"dataset": found.dataset_hash, "result": dict(content)}
    return digest(facts).hex()


def _write_lines(inventory: models.Inventory, result: Result, by: Actor, at: datetime) -> None:
    rows = [
        models.InventoryLine(
            inventory=inventory,
            calculation=inventory.calculation,
            position=position,
            source_code=line.activity.source_code,
            month=line.activity.month,
            activity_id=line.activity.id,
            activity_digest=line.activity.digest,
            factor_id=line.factor.id,
            factor_digest=line.factor.digest,
            gas=line.factor.gas,
            gas_group=line.group,
            category=line.activity.category,
            subcategory=line.activity.subcategory,
            formula=line.formula,
            mass_t=line.mass_t,
            gwp=line.gwp,
            emission_tco2e=line.tco2e,
        )
        for position, line in enumerate(result.lines, 1)
    ]
    models.InventoryLine.objects.bulk_create(rows, batch_size=AT_A_TIME)
    audit.record(
        verb="inventory.lines_written",
        subject=f"inventories.Lines:{inventory.pk}/{inventory.calculation}",
        by=by,
        at=at,
        data={"row": {"lines": frozen_queries.lines_digest(inventory.pk, inventory.calculation)}},
    )


def _move(
    inventory: models.Inventory,
    state: InventoryState,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    check_transition(TRANSITIONS, inventory.state, state)
    inventory.state, inventory.moved_at, inventory.moved_by = state, at, by.user_id
    inventory.save()
    inventory.refresh_from_db()
    audit.record(
        verb=f"inventory.{state.lower()}",
        subject=f"inventories.Inventory:{inventory.pk}",
        by=by,
        at=at,
        reason=reason,
        data={"row": parks.row_facts(inventory)},
    )
