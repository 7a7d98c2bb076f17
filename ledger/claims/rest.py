"""Claims for machines: one MWh or tonne, one claim."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.claims import queries
from ledger.claims.states import ClaimState
from ledger.doors.rest import DetailView, Listing, ListView, Whole


class Claim(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    instrument = serializers.CharField()
    state = serializers.CharField()
    claimant_id = serializers.UUIDField()
    use = serializers.CharField()
    purpose = serializers.CharField()
    period_from = serializers.DateField()
    period_to = serializers.DateField(help_text="First day after.")
    account_id = serializers.UUIDField(allow_null=True)
    lot_id = serializers.UUIDField(allow_null=True)
    unit_count = Whole(allow_null=True)
    mwh = serializers.DecimalField(
        max_digits=18, decimal_places=6, allow_null=True, help_text="Energy; text, exact."
    )
    plant_id = serializers.UUIDField(allow_null=True)
    generated_from = serializers.DateField(allow_null=True)
    generated_to = serializers.DateField(allow_null=True, help_text="First day after.")
    answers = serializers.JSONField(help_text="Quality criteria: YES, NO or NOT_CHECKED.")
    entry_id = serializers.UUIDField(allow_null=True)
    reversal_entry_id = serializers.UUIDField(allow_null=True)
    claimed_at = serializers.DateTimeField()
    reversed_at = serializers.DateTimeField(allow_null=True)


class Claims(ListView):
    """Claims made by your party or out of its accounts, newest first."""

    row = Claim
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class ClaimFilters(Listing):
        instrument = serializers.CharField(required=False, max_length=30)
        state = serializers.ChoiceField(
            choices=[state.value for state in ClaimState], required=False
        )
        period_from = serializers.DateField(required=False)

    filters = ClaimFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = ("instrument", "state", "period_from")
        seen = queries.claims_visible_to(self.actor)
        return seen.filter(**{name: asked[name] for name in named if name in asked})


class OneClaim(DetailView):
    """A claim of your party."""

    row = Claim

    def find(self, **path: Any) -> Any:
        return queries.get_visible_claim(path["claim_id"], by=self.actor)
