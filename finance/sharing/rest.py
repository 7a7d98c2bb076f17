"""Agreements for machines: your own parts, and settlements that a person decides."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from finance.sharing import queries
from finance.sharing.states import AgreementKind
from ledger.approvals.proposing import ProposedWrite
from ledger.doors.rest import Listing, ListView
from ledger.kernel.actors import Role

MAKERS = frozenset({Role.CARBON_MANAGER, Role.FUND_MANAGER})


def _money(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=2, **more)


def _measured() -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=20, decimal_places=6, min_value=0, required=False, allow_null=True, default=None
    )


class AgreementRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    kind = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    currency = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True, help_text="First day after.")


class Agreements(ListView):
    """Agreements that your party keeps or takes part in."""

    row = AgreementRow

    class AgreementFilters(Listing):
        kind = serializers.ChoiceField(choices=AgreementKind.values, required=False)

    filters = AgreementFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.visible_agreements(self.actor)
        return seen.filter(kind=asked["kind"]) if "kind" in asked else seen


class PartRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    settlement_id = serializers.UUIDField()
    agreement_id = serializers.UUIDField(source="settlement.agreement_id")
    period_start = serializers.DateField(source="settlement.period_start")
    period_end = serializers.DateField(source="settlement.period_end", help_text="First day after.")
    version = serializers.IntegerField(source="settlement.version")
    party_id = serializers.UUIDField()
    amount = _money()


class Parts(ListView):
    """Who got what: of agreements that you keep every part, of the others your own."""

    row = PartRow
    default_order = "-id"

    class PartFilters(Listing):
        agreement_id = serializers.UUIDField(required=False)

    filters = PartFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.visible_parts(self.actor).select_related("settlement")
        if "agreement_id" in asked:
            return seen.filter(settlement__agreement_id=asked["agreement_id"])
        return seen


class ProposeSettlement(ProposedWrite):
    """Propose to share out a period. An approver of your party decides."""

    operation: ClassVar[str] = "sharing.settle"
    also = MAKERS

    class AgreementSettlement(serializers.Serializer[Any]):
        period_start = serializers.DateField()
        period_end = serializers.DateField(help_text="First day after.")
        revenue_amount = _money(min_value=0, required=False, default="0.00")
        costs_amount = _money(min_value=0)
        baseline_mwh = _measured()
        measured_mwh = _measured()
        unit_price = _measured()
        note = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
        evidence = serializers.CharField(max_length=300)

    body = AgreementSettlement

    def values(self, asked: Mapping[str, Any], **path: UUID) -> Mapping[str, Any]:
        agreement = queries.get_kept_agreement(path["agreement_id"], by=self.actor)
        return {"agreement_id": agreement.pk, **asked}
