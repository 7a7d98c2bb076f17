"""What plants generated, and the certificates issued from it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.claims import approvable, operations, queries, rules
from ledger.claims.rest.claiming import propose
from ledger.claims.states import IssuanceState
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    LARGEST_WHOLE,
    AskedFor,
    Listing,
    ListView,
    Whole,
    WriteView,
    among,
)
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Role


def _mwh(help_text: str, **more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=6, help_text=help_text, **more)


class GenerationRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    plant_id = serializers.UUIDField()
    month = serializers.DateField(help_text="Its first day.")
    metered_mwh = _mwh("Text, exact.")
    remaining_mwh = _mwh("Not yet claimed.")
    evidence = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class Generations(ListView, WriteView):
    """Metered months of your plants, newest first; or record one. The figure is final."""

    row = GenerationRow
    gives = GenerationRow
    gives_status = 201
    operation: ClassVar[str] = "claims.record_generation"
    orders = {"-month": ("month", "id"), "month": ("month", "id"), "id": ("id",), "-id": ("id",)}
    default_order = "-month"

    class GenerationFilters(Listing):
        plant_id = serializers.UUIDField(required=False)
        month = serializers.DateField(required=False, help_text="Its first day.")

    class MeteredMonth(serializers.Serializer[Any]):
        plant_id = serializers.UUIDField(help_text="Yours.")
        month = serializers.DateField(help_text="Its first day.")
        metered_mwh = _mwh("Above zero.", min_value=Decimal(0))
        evidence = serializers.CharField(max_length=300)

    filters = GenerationFilters
    body = MeteredMonth

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.generation_visible_to(self.actor), asked, "plant_id", "month")

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        instruments.check_own_plant(asked["plant_id"], by=self.actor)
        made = operations.record_generation(**asked, by=self.actor, at=self.at)
        return Answer(status=201, body=dict(GenerationRow(made).data))


class IssuanceRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    scheme = serializers.CharField()
    kind = serializers.CharField(help_text="Of certificates never traded; empty: ordinary ones.")
    state = serializers.CharField()
    plant_id = serializers.UUIDField(source="generation.plant_id")
    month = serializers.DateField(source="generation.month", help_text="Its first day.")
    basis_mwh = _mwh("Of the metered month; text, exact.")
    carried_in_mwh = _mwh("The remainder of the month before.")
    unit_count = Whole()
    carried_out_mwh = _mwh("Below one MWh; carried to the next month.")
    lot_id = serializers.UUIDField(allow_null=True)
    entry_id = serializers.UUIDField(allow_null=True)
    issued_at = serializers.DateTimeField()
    reversal_entry_id = serializers.UUIDField(allow_null=True)
    reversed_at = serializers.DateTimeField(allow_null=True)


class Issuances(ListView, WriteView):
    """Certificates issued from the meters of your plants, newest first; or record an issue.

    The same month again is answered with the same issue.
    """

    row = IssuanceRow
    gives = IssuanceRow
    gives_status = 201
    operation: ClassVar[str] = "claims.issue_certificates"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class IssuanceFilters(Listing):
        scheme = serializers.CharField(required=False, max_length=30)
        state = serializers.ChoiceField(
            choices=[state.value for state in IssuanceState], required=False
        )
        month = serializers.DateField(required=False, help_text="Its first day.")

    class IssueToRecord(serializers.Serializer[Any]):
        plant_id = serializers.UUIDField(help_text="Yours.")
        month = serializers.DateField(help_text="Its first day.")
        issuer_account_id = serializers.UUIDField(help_text="The registry's account that issues.")
        to_account_id = serializers.UUIDField(help_text="Yours.")
        scheme = serializers.CharField(required=False, default="GEC", max_length=30)
        kind = serializers.ChoiceField(
            choices=["", "SELF_USE"], required=False, default="", help_text="Never traded."
        )
        basis_mwh = _mwh(
            "Of the month; absent: all that is left.",
            required=False,
            allow_null=True,
            default=None,
            min_value=Decimal(0),
        )
        serial_prefix = serializers.CharField(required=False, default="", max_length=120)
        first_serial = Whole(required=False, default=1, min_value=0, max_value=LARGEST_WHOLE)

    filters = IssuanceFilters
    body = IssueToRecord

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.issuances_visible_to(self.actor)
        if "month" in asked:
            seen = seen.filter(generation__month=asked["month"])
        return among(seen, asked, "scheme", "state")

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.issue_certificates(**asked, by=self.actor, at=self.at)
        return Answer(status=201, body=dict(IssuanceRow(made).data))


class IssuanceReversals(WriteView):
    """Propose that an issue of certificates is taken back. Whole, once, within its window."""

    operation: ClassVar[str] = approvable.REVERSE_ISSUE
    also = frozenset({Role.CARBON_MANAGER})
    gives = AskedFor

    class IssuanceReversal(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=200)

    body = IssuanceReversal

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = queries.get_visible_issuance(path["issuance_id"], by=self.actor)
        rules.check_all_there(queries.free_of_issuance(row), issued=row.unit_count)
        payload = {"issuance_id": str(row.pk), **asked, "key": key}
        return propose(self, payload, approvable.describe_reverse_issue(payload))
