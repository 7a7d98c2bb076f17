"""Entities entered, and facts told of them: verified emissions, years set and excluded."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.compliance import operations, queries
from ledger.compliance.models import SECTORS
from ledger.compliance.rest.reading import EntityRow
from ledger.compliance.states import FactKind
from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, Whole, WriteView, among

MOST_INSTALLATIONS = 500


class Entities(ListView, WriteView):
    """Regulated entities of your party; or enter one, from a first year on."""

    row = EntityRow
    gives = EntityRow
    gives_status = 201
    operation: ClassVar[str] = "compliance.enter_entity"

    class EntityFilters(Listing):
        regime = serializers.CharField(required=False, max_length=30)
        sector = serializers.ChoiceField(choices=[code for code, _ in SECTORS], required=False)

    class EntityToEnter(serializers.Serializer[Any]):
        regime = serializers.CharField(max_length=30)
        code = serializers.CharField(max_length=60)
        name = serializers.CharField(max_length=200, required=False, default="")
        name_en = serializers.CharField(max_length=200, required=False, default="")
        sector = serializers.ChoiceField(choices=[code for code, _ in SECTORS])
        first_year = serializers.IntegerField(min_value=2000, max_value=2100)
        told_on = serializers.DateField()
        evidence = serializers.CharField(max_length=300)

    filters = EntityFilters
    body = EntityToEnter

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = {"regime": "regime_id", "sector": "sector"}
        wanted = {named[name]: value for name, value in asked.items() if name in named}
        return queries.entities_seen_by(self.actor).filter(**wanted)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.enter_entity(
            **asked, party_id=self.actor.own_party, by=self.actor, at=self.at
        )
        place = f"/api/v1/compliance/entities/{made.pk}/"
        return Answer(status=201, body=dict(EntityRow(made).data), location=place)


class OneEntity(DetailView):
    """A regulated entity of your party."""

    row = EntityRow

    def find(self, **path: Any) -> Any:
        return queries.get_entity(path["entity_id"], by=self.actor)


class FactRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    tonnes = Whole(allow_null=True, help_text="Verified emissions, t.")
    parts = serializers.JSONField(help_text="Verified emissions by installation, t.")
    verification = serializers.CharField()
    content_hash = serializers.CharField()
    evidence = serializers.CharField()
    reason = serializers.CharField()
    told_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()


class Facts(ListView, WriteView):
    """What was told of an entity, newest first; or set its years, or exclude one."""

    row = FactRow
    gives = FactRow
    gives_status = 201
    operation: ClassVar[str] = "compliance.tell_fact"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class FactFilters(Listing):
        kind = serializers.ChoiceField(choices=[one.value for one in FactKind], required=False)
        year = serializers.IntegerField(required=False)

    class FactToTell(serializers.Serializer[Any]):
        kind = serializers.ChoiceField(choices=["FIRST_YEAR", "LAST_YEAR", "EXCLUDED", "INCLUDED"])
        year = serializers.IntegerField(
            min_value=2000,
            max_value=2100,
            allow_null=True,
            help_text="null only with LAST_YEAR: the entity goes on.",
        )
        told_on = serializers.DateField()
        reason = serializers.CharField(max_length=300)
        evidence = serializers.CharField(max_length=300)

        def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
            if attrs["year"] is None and attrs["kind"] != FactKind.LAST_YEAR:
                fault = serializers.ErrorDetail("", code="null")
                raise serializers.ValidationError({"year": [fault]})
            return attrs

    filters = FactFilters
    body = FactToTell

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        entity = queries.get_entity(self.kwargs["entity_id"], by=self.actor)
        return among(queries.facts_of(entity.pk), asked, "kind", "year")

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.tell_fact(entity_id=path["entity_id"], **asked, by=self.actor, at=self.at)
        return Answer(status=201, body=dict(FactRow(made).data))


class Emissions(WriteView):
    """Record verified emissions of an entity's year; they replace what was recorded before.

    Only what was verified for the trading system is owed: anything else is refused.
    """

    operation: ClassVar[str] = "compliance.record_emissions"
    gives = FactRow
    gives_status = 201

    class VerifiedEmissions(serializers.Serializer[Any]):
        year = serializers.IntegerField(min_value=2000, max_value=2100)
        parts = serializers.DictField(
            child=serializers.RegexField(re.compile(r"^[0-9]{1,12}(\.[0-9]{1,6})?$")),
            help_text="Installation: tonnes, as text such as 123456.78.",
        )
        purpose = serializers.CharField(max_length=20, help_text="ETS, or it is refused.")
        verification = serializers.CharField(max_length=120)
        content_hash = serializers.CharField(
            max_length=64, help_text="SHA-256 of what was verified, hexadecimal."
        )
        evidence = serializers.CharField(max_length=300)
        told_on = serializers.DateField()
        reason = serializers.CharField(max_length=300, required=False, default="")

        def validate_parts(self, value: dict[str, str]) -> dict[str, Decimal]:
            if not 0 < len(value) <= MOST_INSTALLATIONS:
                raise serializers.ValidationError("", code="invalid")
            return {name: Decimal(amount) for name, amount in value.items()}

    body = VerifiedEmissions

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.record_emissions(
            entity_id=path["entity_id"], **asked, by=self.actor, at=self.at
        )
        return Answer(status=201, body=dict(FactRow(made).data))
