"""Where is a unit, and where was it on a day?"""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.accounts import queries as accounts
from ledger.doors.rest import READERS, ApiView, Whole, strict
from ledger.units import queries
from ledger.units.rest.reading import Movement, told


class Spot(serializers.Serializer[Any]):
    known = serializers.BooleanField(help_text="False: it had left your accounts.")
    account_id = serializers.UUIDField(allow_null=True)
    number = serializers.CharField(allow_null=True)
    state = serializers.CharField(allow_null=True, help_text="null: not issued yet, or not known.")


class Unit(serializers.Serializer[Any]):
    serial = Whole()
    series = serializers.ListField(child=serializers.CharField())
    lot_id = serializers.UUIDField()
    lot_code = serializers.CharField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    now = Spot()
    as_of = Spot(allow_null=True)
    hidden_count = serializers.IntegerField(help_text="Movements between others.")
    movements = Movement(many=True)


class Units(serializers.Serializer[Any]):
    items = Unit(many=True)


class Serials(ApiView):
    """The units of a serial number that are, or once were, in your accounts, with their way.

    A number is unique within its series only, so there may be several; at most fifty are told.
    """

    may = {"GET": READERS}
    responses = {"200": Units}

    class Question(serializers.Serializer[Any]):
        serial = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
        prefix = serializers.CharField(required=False, max_length=120)
        scheme = serializers.CharField(required=False, max_length=30)
        as_of = serializers.DateField(required=False)

    filters = Question

    def get(self, request: Request) -> Response:
        asked = strict(self.Question, request.query_params.dict())
        ids, day = accounts.account_ids_seen_by(self.actor), asked.get("as_of")
        units = queries.find_units(
            asked["serial"],
            account_ids=ids,
            prefix=asked.get("prefix"),
            scheme=asked.get("scheme"),
        )
        traces = [queries.trace(unit, account_ids=ids, day=day) for unit in units]
        return Response(Units({"items": [self._unit(one) for one in traces]}).data)

    def _unit(self, trace: queries.Trace) -> dict[str, Any]:
        unit = trace.unit
        spots = [one for one in (trace.now, trace.then) if one and one.account_id]
        numbers = accounts.numbers_of({one.account_id for one in spots if one.account_id})

        def spot(one: queries.Spot | None) -> dict[str, Any] | None:
            if one is None:
                return None
            number = numbers.get(one.account_id) if one.account_id else None
            return {
                "known": one.known,
                "account_id": one.account_id,
                "number": number,
                "state": one.state,
            }

        return {
            "serial": unit.serial,
            "series": list(unit.space),
            "lot_id": unit.lot_id,
            "lot_code": unit.lot_code,
            "scheme": unit.scheme,
            "vintage_year": unit.vintage_year,
            "now": spot(trace.now),
            "as_of": spot(trace.then),
            "hidden_count": trace.hidden_count,
            "movements": told(self, list(trace.steps)),
        }
