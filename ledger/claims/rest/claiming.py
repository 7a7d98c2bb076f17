"""One MWh or tonne, one claim."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.claims import approvable, queries
from ledger.claims.states import TRANSITIONS, ClaimState, ClaimUse
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    AskedFor,
    DetailView,
    Listing,
    ListView,
    Whole,
    WriteView,
    among,
    answer_of,
)
from ledger.kernel.actors import Role
from ledger.kernel.transitions import check_transition
from ledger.units import queries as units


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


class ClaimToMake(serializers.Serializer[Any]):
    account_id = serializers.UUIDField(help_text="The account that the units leave; yours.")
    lot_id = serializers.UUIDField()
    unit_count = Whole(min_value=1, max_value=2**63 - 1)
    use = serializers.ChoiceField(choices=ClaimUse.values)
    purpose = serializers.CharField(max_length=200)
    country = serializers.CharField(
        required=False,
        default="",
        max_length=2,
        help_text="Where the power was used; a redemption of I-REC needs it.",
    )
    first_day = serializers.DateField()
    last_day = serializers.DateField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["first_day"] > attrs["last_day"]:
            fault = _("The period must end after it starts.")
            raise serializers.ValidationError({"last_day": fault}, code="odd_period")
        return attrs


class Claims(ListView, WriteView):
    """Claims made by your party or out of its accounts, newest first; or propose one.

    The units are retired for your party (redeemed, where the scheme redeems), for good.
    """

    operation: ClassVar[str] = approvable.CLAIM
    body = ClaimToMake
    gives = AskedFor

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
        return among(
            queries.claims_visible_to(self.actor), asked, "instrument", "state", "period_from"
        )

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        account = accounts.get_own_account(asked["account_id"], by=self.actor)
        lot = units.get_lot(asked["lot_id"])
        days = {name: asked[name].isoformat() for name in ("first_day", "last_day")}
        plain = {name: asked[name] for name in ("unit_count", "use", "purpose", "country")}
        payload = {
            **plain,
            **days,
            "account_id": str(account.pk),
            "lot_id": str(lot.id),
            "claimant_id": str(self.actor.own_party),
            "key": key,
        }
        return propose(self, payload, approvable.describe(payload))


def propose(view: WriteView, payload: Mapping[str, Any], summary: list[str]) -> Answer:
    made = approvals.propose(
        operation=view.operation,
        payload=payload,
        summary=summary,
        party_id=view.actor.own_party,
        by=view.actor,
        at=view.at,
    )
    return answer_of(view.operation, made)


class Reversals(WriteView):
    """Propose that a claim is taken back by a linked reversal. Its units become free again."""

    operation: ClassVar[str] = approvable.REVERSE
    also = frozenset({Role.CARBON_MANAGER})
    gives = AskedFor

    class ClaimReversal(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=200)

    body = ClaimReversal

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        claim = queries.get_visible_claim(path["claim_id"], by=self.actor)
        check_transition(TRANSITIONS, claim.state, ClaimState.REVERSED)
        payload = {"claim_id": str(claim.pk), "reason": asked["reason"], "key": key}
        return propose(self, payload, approvable.describe_reversal(payload))


class OneClaim(DetailView):
    """A claim of your party."""

    row = Claim

    def find(self, **path: Any) -> Any:
        return queries.get_visible_claim(path["claim_id"], by=self.actor)
