"""Positions now and as of a day, lots, entries, movements; only what touches the caller's party."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.accounts import queries as accounts
from ledger.doors.paging import OddCursor, Page, pack, unpack
from ledger.doors.rest import READERS, DetailView, Listing, ListView, Quantity, Whole, quantity
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotFound
from ledger.units import queries
from ledger.units.models import STATES
from ledger.units.queries import Span, Wanted

STATE_CODES = [code for code, _name in STATES]


class PlaceFilters(Listing):
    """Which positions."""

    holder_id = serializers.UUIDField(required=False, help_text="A party; auditors see others.")
    account_id = serializers.UUIDField(required=False)
    lot_id = serializers.UUIDField(required=False)
    scheme = serializers.CharField(required=False, max_length=30)
    vintage_year = serializers.IntegerField(required=False, min_value=1990, max_value=2200)
    state = serializers.ChoiceField(choices=STATE_CODES, required=False)


def wanted_by(view: Any, asked: Mapping[str, Any]) -> Wanted:
    """:raises NotFound: an account or a holder is named that is not the caller's"""
    account_id, holder_id = asked.get("account_id"), asked.get("holder_id")
    if account_id is not None:
        accounts.get_own_account(account_id, by=view.actor)
    ids = accounts.account_ids_seen_by(view.actor)
    if holder_id is not None and ids is not None and holder_id != view.actor.party_id:
        raise NotFound
    whose = holder_id if ids is None else view.actor.party_id
    if whose is not None:  # what outside accounts hold is other people's
        among = accounts.account_ids_of if account_id else accounts.owning_account_ids_of
        ids = among(whose)
    named = ("account_id", "lot_id", "scheme", "vintage_year", "state")
    given = {name: asked[name] for name in named if name in asked}
    if "as_of" in asked:
        given["day"] = asked["as_of"]
    return Wanted(account_ids=ids, only_owned=account_id is None, **given)


class Position(serializers.Serializer[Any]):
    id = Whole()
    account_id = serializers.UUIDField()
    lot_id = serializers.UUIDField()
    lot_code = serializers.CharField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    expires_on = serializers.DateField(allow_null=True)
    state = serializers.CharField()
    quantity = Quantity()


class Positions(ListView):
    """Units by account, lot and state: now, or at the end of a (Beijing) day by what is known now.

    Empty positions are left out. Late entries count from the day that they are about. What stands
    in an outside account that you keep is told when you name the account.
    """

    row = Position
    orders = {"id": ("id",)}

    class PositionFilters(PlaceFilters):
        as_of = serializers.DateField(required=False)

    filters = PositionFilters

    def page(self, asked: Mapping[str, Any]) -> Page:
        limit, after = asked["limit"], 0
        if "after" in asked:
            after = _number(unpack(asked["after"], order="id", count=1)[0])
        found = queries.places(wanted_by(self, asked), after=after, limit=limit + 1)
        more = len(found) > limit
        return Page(found[:limit], pack("id", [found[limit - 1].id]) if more else None)

    def shown(self, rows: Any) -> Any:
        measures = instruments.measures()
        return [
            asdict(row) | {"quantity": quantity(row.unit_count, measures[row.scheme])}
            for row in rows
        ]


class Lot(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    project_id = serializers.UUIDField(allow_null=True)
    plant_id = serializers.UUIDField(allow_null=True)
    generated_from = serializers.DateField(allow_null=True)
    generated_to = serializers.DateField(allow_null=True, help_text="First day after.")
    expires_on = serializers.DateField(allow_null=True, help_text="First day without validity.")
    series = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Registry, programme, prefix; null: units without serial numbers.",
    )
    traits = serializers.JSONField()


# Who holds a pledge would read from the lots what her debtor has beside it.
OF_LOTS = {"GET": READERS - {Role.BANK_OFFICER}}


class Lots(ListView):
    """What units are units of. Lots say nothing of holders; banks see those pledged to them."""

    may = OF_LOTS
    row = Lot

    class LotFilters(Listing):
        code = serializers.CharField(required=False, max_length=80)
        scheme = serializers.CharField(required=False, max_length=30)
        vintage_year = serializers.IntegerField(required=False)

    filters = LotFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = ("code", "scheme", "vintage_year")
        return queries.lots().filter(**{name: asked[name] for name in named if name in asked})

    def shown(self, rows: Any) -> Any:
        return [_lot(queries.lot_view(row)) for row in rows]


class OneLot(DetailView):
    """A lot."""

    may = OF_LOTS
    row = Lot

    def find(self, **path: Any) -> Any:
        return _lot(queries.get_lot(path["lot_id"]))


def _lot(view: queries.LotView) -> dict[str, Any]:
    return asdict(view) | {"series": list(view.space) if view.space else None}


class Side(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    number = serializers.CharField(help_text="The account's number in its registry.")
    state = serializers.CharField()
    is_yours = serializers.BooleanField()


class Movement(serializers.Serializer[Any]):
    id = Whole()
    entry_id = serializers.UUIDField()
    kind = serializers.CharField()
    happened_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    lot_id = serializers.UUIDField()
    lot_code = serializers.CharField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    source = Side()  # type: ignore[assignment]
    target = Side()
    quantity = Quantity()
    first_serial = Whole(allow_null=True)
    last_serial = Whole(allow_null=True)


def told(view: Any, rows: list[queries.MovementView]) -> list[dict[str, Any]]:
    """Movements with their accounts by number and their quantities by measure."""
    ids = accounts.account_ids_seen_by(view.actor)
    own = None if ids is None else set(ids)
    sides = {one for row in rows for one in (row.from_account_id, row.to_account_id)}
    numbers, measures = accounts.numbers_of(sides), instruments.measures()

    def side(account_id: UUID, state: str) -> dict[str, Any]:
        number = numbers.get(account_id, "")
        mine = own is None or account_id in own
        return {"account_id": account_id, "number": number, "state": state, "is_yours": mine}

    return [
        asdict(row)
        | {
            "source": side(row.from_account_id, row.from_state),
            "target": side(row.to_account_id, row.to_state),
            "quantity": quantity(row.unit_count, measures[row.scheme]),
        }
        for row in rows
    ]


class Movements(ListView):
    """What moved into or out of your accounts, each movement once, newest day first."""

    row = Movement
    orders = {"-happened_on": ("happened_on", "id"), "happened_on": ("happened_on", "id")}
    default_order = "-happened_on"

    class MovementFilters(PlaceFilters):
        kind = serializers.CharField(required=False, max_length=30)
        since = serializers.DateField(required=False, help_text="First day, included.")
        until = serializers.DateField(required=False, help_text="Last day, included.")

    filters = MovementFilters

    def page(self, asked: Mapping[str, Any]) -> Page:
        named = ("kind", "since", "until")
        given = {name: asked[name] for name in named if name in asked}
        order, limit, after = asked["order"], asked["limit"], None
        if "after" in asked:
            day, number = unpack(asked["after"], order=order, count=2)
            after = (_day(day), _number(number))
        span = Span(**given, oldest_first=order == "happened_on")
        wanted = wanted_by(self, asked)
        found = queries.movements(wanted, span, after=after, limit=limit + 1)
        if len(found) <= limit:
            return Page(found, None)
        last = found[limit - 1]
        return Page(found[:limit], pack(order, [last.happened_on, last.id]))

    def shown(self, rows: Any) -> Any:
        return told(self, rows)


class EntryRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    happened_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    reverses_id = serializers.UUIDField(allow_null=True)
    approval_id = serializers.UUIDField(allow_null=True)


class Entries(ListView):
    """Postings that touched your accounts, newest first. An entry is never changed."""

    row = EntryRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class EntryFilters(Listing):
        kind = serializers.CharField(required=False, max_length=30)

    filters = EntryFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.entries_seen(accounts.account_ids_seen_by(self.actor))
        return seen.filter(kind=asked["kind"]) if "kind" in asked else seen


class OneEntry(DetailView):
    """A posting with its movements."""

    class Entry(EntryRow):
        movements = Movement(many=True)

    row = Entry

    def find(self, **path: Any) -> Any:
        entry = queries.get_entry(path["entry_id"])
        rows = queries.movements_of_entry(entry.pk)
        ids = accounts.account_ids_seen_by(self.actor)
        sides = {one for row in rows for one in (row.from_account_id, row.to_account_id)}
        if ids is not None and sides.isdisjoint(ids):
            raise NotFound
        named = ("id", "kind", "happened_on", "recorded_at", "reverses_id", "approval_id")
        return {name: getattr(entry, name) for name in named} | {"movements": told(self, rows)}


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise OddCursor
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise OddCursor from error
