"""Inventories as they were frozen, and whether anything has moved since."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from ledger.audit import queries as audit
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.errors import DomainError, NotFound
from ledger.kernel.periods import Period
from ledger.kernel.quantities import whole
from ledger.parameters import queries as parameters
from reporting.inventories import models
from reporting.inventories.engine.content import SCHEMA
from reporting.inventories.engine.judging import Change, restatement_content
from reporting.inventories.queries import inputs
from reporting.inventories.states import InventoryState
from reporting.parks import queries as parks


@dataclass(frozen=True, slots=True)
class InventoryView:
    id: UUID
    park_id: UUID
    party_id: UUID
    period_start: date
    period_end: date
    consolidation: str
    gwp_set: str
    state: str
    calculation: int
    inner_park: str


@dataclass(frozen=True, slots=True)
class FrozenView:
    """`content` is canonical: its hash is `content_hash`. `made_by` built or froze it."""

    id: UUID
    inventory_id: UUID
    park_id: UUID
    party_id: UUID
    content: dict[str, Any]
    content_hash: str
    dataset_hash: str
    data_state: str
    checkpoint_size: int | None
    frozen_at: datetime
    frozen_by: UUID
    built_by: UUID
    is_restated: bool

    @property
    def inner_park(self) -> str:
        """The park within the park that it is of; nothing for the whole park."""
        name: str = self.content["choices"].get("inner_park", "")
        return name


def inventory_view(row: models.Inventory) -> InventoryView:
    return InventoryView(**{name: getattr(row, name) for name in InventoryView.__slots__})


def frozen_view(row: models.FrozenInventory) -> FrozenView:
    return FrozenView(
        id=row.pk,
        inventory_id=row.inventory_id,
        park_id=row.inventory.park_id,
        party_id=row.inventory.party_id,
        content=row.content,
        content_hash=row.content_hash,
        dataset_hash=row.dataset_hash,
        data_state=row.data_state,
        checkpoint_size=row.checkpoint_size,
        frozen_at=row.frozen_at,
        frozen_by=row.frozen_by,
        built_by=row.inventory.built_by,
        is_restated=row.inventory.state == InventoryState.RESTATED,
    )


def inventory_row(inventory_id: UUID, actor: Actor | None) -> models.Inventory:
    """:raises NotFound: not there, or not the actor's"""
    row = models.Inventory.objects.filter(pk=inventory_id).first()
    if row is None or (actor is not None and not parks.may_see(actor, row.party_id)):
        raise NotFound
    return row


def get_inventory(inventory_id: UUID, actor: Actor | None = None) -> InventoryView:
    """:raises NotFound: not there, or not the actor's"""
    return inventory_view(inventory_row(inventory_id, actor))


def inventories_of(party_id: UUID) -> list[InventoryView]:
    return [inventory_view(row) for row in models.Inventory.objects.filter(party_id=party_id)]


def _frozen_rows() -> QuerySet[models.FrozenInventory]:
    return models.FrozenInventory.objects.select_related("inventory")


def get_frozen(frozen_id: UUID, actor: Actor | None = None) -> FrozenView:
    """The frozen inventory; with an actor, only one of her own party.

    :raises NotFound: not there, or not hers
    """
    row = _frozen_rows().filter(pk=frozen_id).first()
    if row is None or (actor is not None and not parks.may_see(actor, row.inventory.party_id)):
        raise NotFound
    return frozen_view(row)


def _of(inner_park: str) -> Q:
    """Of the whole park, or of one park within it: the one never stands for the other."""
    if inner_park:
        return Q(inventory__choices__inner_park=inner_park)
    return ~Q(inventory__choices__has_key="inner_park")


def frozen_of(park_id: UUID, period_start: date, inner_park: str = "") -> list[FrozenView]:
    """Of the whole park, or of a park within it; newest first."""
    rows = _frozen_rows().filter(inventory__park_id=park_id, inventory__period_start=period_start)
    return [frozen_view(row) for row in rows.filter(_of(inner_park))]


@dataclass(frozen=True, slots=True)
class FrozenYear:
    """The figures of a whole calendar year, frozen, that nothing has taken the place of."""

    id: UUID
    year: int
    totals: dict[str, Any]
    intensity: list[dict[str, str]]


def frozen_years(park_id: UUID) -> list[FrozenYear]:
    """Of the whole park: by year, the newest of a year first. Of the contents, only what is asked
    is read.
    """
    rows = _frozen_rows().filter(_of(""), inventory__park_id=park_id)
    rows = rows.exclude(inventory__state=InventoryState.RESTATED)
    told = rows.order_by("inventory__period_start", "-frozen_at").values_list(
        "pk", "inventory__period_start", "inventory__period_end",
        "content__result__totals", "content__result__intensity",
    )  # fmt: skip
    return [
        FrozenYear(pk, start.year, totals, intensity or [])
        for pk, start, end, totals, intensity in told
        if Period(start, end) == Period.year(start.year)
    ]


def frozen_until(park_id: UUID) -> date | None:
    """The day up to which (exclusive) inventories of the park are frozen."""
    rows = models.Inventory.objects.filter(park_id=park_id, state=InventoryState.FROZEN)
    told: date | None = rows.aggregate(until=Max("period_end"))["until"]
    return told


def inner_frozen_until(park_id: UUID, inner_park: str) -> date | None:
    """The same of a park within the park alone."""
    rows = models.Inventory.objects.filter(park_id=park_id, state=InventoryState.FROZEN)
    told: date | None = rows.filter(choices__inner_park=inner_park).aggregate(
        until=Max("period_end")
    )["until"]
    return told


def name_of_frozen(frozen_id: UUID) -> str:
    """The park and the period; nothing for what is not there."""
    row = models.FrozenInventory.objects.select_related("inventory__park").filter(pk=frozen_id)
    return "".join(str(one.inventory) for one in row)


def frozen_choices(actor: Actor) -> list[tuple[str, str]]:
    """For a select: the id of each frozen inventory of the actor's party, and which it is."""
    rows = models.FrozenInventory.objects.select_related("inventory__park").order_by("-frozen_at")
    return [
        (str(row.pk), f"{row.inventory} · {row.content_hash[:12]}")
        for row in rows.filter(inventory__party_id=actor.own_party)
    ]


RESTATING = "inventory.restatement.threshold"


def restatement_of(inventory: models.Inventory) -> dict[str, Any] | None:
    """What a restated inventory moved against the one before, and the policy's threshold."""
    before = inventory.choices.get("restatement_before_tco2e")
    if before is None:
        return None
    parts = inventory.scope_1_tco2e, inventory.scope_2_location_tco2e
    last_day = inputs.period_of(inventory).last_day
    return restatement_content(
        before=Decimal(before),
        after=whole(one for one in parts if one is not None),
        change=Change(inventory.choices["restatement_change"]),
        threshold=parameters.get_parameter(RESTATING, last_day).number,
    )


def stale_reasons(frozen_id: UUID) -> list[str]:
    """What has moved since it was frozen: ACTIVITY, FACTORS, CLAIMS, CALCULATION, RESTATED.

    Factors are those published by the day of the calculation: a factor published later is no
    reason (R4.2), a corrected one is. A content of an earlier schema is compared in what both
    schemas say; that this version calculates otherwise is no reason: the data has not moved.
    """
    frozen = _frozen_rows().get(pk=frozen_id)
    inventory = frozen.inventory
    restated = ["RESTATED"] if inventory.state == InventoryState.RESTATED else []
    assert inventory.calculated_on is not None  # noqa: S101  constraint: calculated has a day
    try:
        now = inputs.gather(inventory, inventory.calculated_on)
        content = now.content()[1]
    except DomainError:
        return [*restated, "CALCULATION"]  # what it was made of no longer gives an inventory
    then, is_ours = frozen.content["result"], frozen.content["schema"] == SCHEMA
    if not is_ours:
        then, content = said_by_both(then, content)
    differs = {
        "ACTIVITY": now.dataset_hash != frozen.dataset_hash,
        "FACTORS": _changed(then, content, "factors", "gwp_set"),
        "CLAIMS": _changed(then, content, "claims"),
    }
    found = [name for name, is_so in differs.items() if is_so]
    if is_ours and not found and digest(content) != digest(then):
        found = ["CALCULATION"]
    return restated + found


def _changed(then: dict[str, Any], now: dict[str, Any], *names: str) -> bool:
    return any(digest(then.get(name)) != digest(now.get(name)) for name in names)


def said_by_both(then: Any, now: Any) -> tuple[Any, Any]:
    """The two without the fields that only one of them knows, however deep."""
    if isinstance(then, dict) and isinstance(now, dict):
        pairs = {name: said_by_both(then[name], now[name]) for name in then.keys() & now.keys()}
        return {name: x for name, (x, _) in pairs.items()}, {n: y for n, (_, y) in pairs.items()}
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        rows = [said_by_both(*pair) for pair in zip(then, now, strict=True)]
        return [one for one, _ in rows], [other for _, other in rows]
    return then, now


def is_stale(frozen_id: UUID) -> bool:
    """Whether anything the inventory was made of has changed since (R5.20)."""
    return bool(stale_reasons(frozen_id))


# --- who may read


def readable(actor: Actor, prefix: str = "") -> Q:
    """The operator's own, and what an engagement lets a verifier read."""
    if actor.is_machine or actor.has(Role.AUDITOR, Role.ADMINISTRATOR):
        return Q()
    mine = Q(**{f"{prefix}party_id": actor.own_party})
    for park_id, period_start in also_readable(actor):
        names = {f"{prefix}park_id": park_id, f"{prefix}period_start": period_start}
        mine |= Q(**names)
    return mine


def seen_by(actor: Actor) -> QuerySet[models.Inventory]:
    return models.Inventory.objects.filter(readable(actor))


def frozen_row(inventory_id: UUID, actor: Actor) -> models.FrozenInventory:
    """:raises NotFound: not frozen, or not the actor's to read"""
    rows = _frozen_rows().filter(readable(actor, "inventory__"))
    row = rows.filter(inventory_id=inventory_id).first()
    if row is None:
        raise NotFound
    return row


# --- the rows against the log


INVENTORY_VERBS = ("inventory.calculated", "inventory.frozen", "inventory.restated")


def lines_digest(inventory_id: UUID, calculation: int) -> str:
    """One hash over the lines of a calculation."""
    rows = models.InventoryLine.objects.filter(
        inventory_id=inventory_id, calculation=calculation
    ).order_by("position", "pk")
    facts = [parks.row_facts(row) for row in rows.iterator()]
    for one in facts:
        del one["id"]  # given by the table, says nothing
    return digest(facts).hex()


def rows_match_events() -> Iterator[audit.Fault]:
    """Each inventory, each calculation's lines and each frozen content is as its event says."""
    yield from audit.compare_rows_with_events(
        parks.sealed_rows(models.Inventory, "inventories"),
        kind="inventories.Inventory",
        verbs=INVENTORY_VERBS,
    )
    yield from audit.compare_rows_with_events(
        _frozen_facts(),
        kind="inventories.FrozenInventory",
        verbs=("inventory.content_frozen",),
    )
    yield from audit.compare_rows_with_events(
        _calculations(), kind="inventories.InventoryLine", verbs=("inventory.lines_written",)
    )


def frozen_facts(row: models.FrozenInventory) -> dict[str, Any]:
    """The row as its event seals it: of the content, which may be large, the hash as it is now."""
    return {**parks.row_facts(row), "content": digest(row.content).hex()}


def _frozen_facts() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in models.FrozenInventory.objects.iterator(chunk_size=20):
        yield f"inventories.FrozenInventory:{row.pk}", frozen_facts(row)


def _calculations() -> Iterator[tuple[str, dict[str, Any]]]:
    pairs = models.InventoryLine.objects.values_list("inventory_id", "calculation").distinct()
    for inventory_id, calculation in pairs.order_by("inventory_id", "calculation"):
        subject = f"inventories.Lines:{inventory_id}/{calculation}"
        yield subject, {"lines": lines_digest(inventory_id, calculation)}


# Filled in by config/wiring.py: who, besides the operator, may read which park's period.
readers: list[Callable[[Actor], Iterable[tuple[UUID, date]]]] = []


def also_readable(actor: Actor) -> list[tuple[UUID, date]]:
    """(park, first day of the period) that an actor may read though the park is not hers."""
    return [pair for read in readers for pair in read(actor)]
