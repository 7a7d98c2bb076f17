"""Agreements on units for machines: entering them, and proposing handovers."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from finance.repos import approvable, operations, queries
from finance.repos.models import Agreement
from finance.repos.states import AgreementKind, AgreementState
from ledger.accounts import queries as accounts
from ledger.approvals.proposing import ProposedWrite
from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, Whole, WriteView
from ledger.kernel.day_counts import DayCount
from ledger.kernel.errors import NotFound

LARGEST = 2**63 - 1


class AgreementRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    kind = serializers.ChoiceField(choices=AgreementKind.values)
    state = serializers.ChoiceField(choices=AgreementState.values)
    giver_id = serializers.UUIDField(help_text="Beneficial owner.")
    taker_id = serializers.UUIDField(help_text="Legal holder while it runs.")
    lot_id = serializers.UUIDField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    unit_count = Whole()
    returned_count = Whole()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    currency = serializers.CharField()
    first_price = serializers.CharField(allow_null=True)
    second_price = serializers.CharField(allow_null=True)
    implied_rate = serializers.SerializerMethodField(help_text="Of a repo, a share a year.")
    usable_for_year = serializers.IntegerField(allow_null=True)
    may_reuse = serializers.BooleanField()

    def get_implied_rate(self, row: Agreement) -> str | None:
        rate = queries.rate_of(row)
        return None if rate is None else f"{rate:f}"


class Agreements(ListView, WriteView):
    """Repos, lendings and custodies that you give or take; or enter one. Nothing moves by it."""

    row = AgreementRow
    gives = AgreementRow
    gives_status = 201
    operation: ClassVar[str] = "repos.make_agreement"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class AgreementFilters(Listing):
        kind = serializers.ChoiceField(choices=AgreementKind.values, required=False)
        state = serializers.ChoiceField(choices=AgreementState.values, required=False)

    filters = AgreementFilters

    class MakeAgreement(serializers.Serializer[Any]):
        number = serializers.CharField(max_length=80)
        kind = serializers.ChoiceField(choices=AgreementKind.values)
        from_account_id = serializers.UUIDField()
        to_account_id = serializers.UUIDField()
        lot_id = serializers.UUIDField()
        unit_count = Whole(min_value=1, max_value=LARGEST)
        starts_on = serializers.DateField()
        ends_on = serializers.DateField()
        currency = serializers.CharField(required=False, default="CNY", max_length=3)
        day_count = serializers.ChoiceField(
            choices=[one.value for one in DayCount], required=False, default="ACT/365F"
        )
        first_price = serializers.DecimalField(
            max_digits=18, decimal_places=6, required=False, allow_null=True, default=None
        )
        second_price = serializers.DecimalField(
            max_digits=18, decimal_places=6, required=False, allow_null=True, default=None
        )
        usable_for_year = serializers.IntegerField(required=False, allow_null=True, default=None)
        may_reuse = serializers.BooleanField(required=False, default=True)
        evidence = serializers.CharField(required=False, default="", max_length=300)

    body = MakeAgreement

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = {name: asked[name] for name in ("kind", "state") if name in asked}
        return queries.agreements_seen_by(self.actor).filter(**named)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        ids = {asked["from_account_id"], asked["to_account_id"]}
        if not ids & set(accounts.account_ids_of(self.actor.own_party)):
            raise NotFound
        made = operations.make_agreement(
            terms=operations.Terms(**asked), by=self.actor, at=self.at, idempotency_key=key
        )
        told = dict(AgreementRow(made).data)
        return Answer(status=201, body=told, location=f"/api/v1/unit-agreements/{made.pk}/")


class OneAgreement(DetailView):
    """A repo, lending or custody that you give or take."""

    row = AgreementRow

    def find(self, **path: Any) -> Any:
        return queries.get_agreement(path["agreement_id"], by=self.actor)


class Starts(ProposedWrite):
    """Propose that the units of an agreement go over. An approver of your party decides."""

    operation: ClassVar[str] = approvable.START

    class Body(serializers.Serializer[Any]):
        happened_on = serializers.DateField()
        evidence = serializers.CharField(required=False, default="", max_length=300)

    body = Body

    def values(self, asked: Mapping[str, Any], **path: Any) -> Mapping[str, Any]:
        row = queries.get_agreement(path["agreement_id"], by=self.actor)
        return {"agreement_id": row.pk, **asked}


class Returns(ProposedWrite):
    """Propose that units of an agreement come back. An approver of your party decides."""

    operation: ClassVar[str] = approvable.RETURN

    class ReturnBody(serializers.Serializer[Any]):
        lot_id = serializers.UUIDField()
        unit_count = Whole(min_value=1, max_value=LARGEST)
        happened_on = serializers.DateField()
        evidence = serializers.CharField(required=False, default="", max_length=300)

    body = ReturnBody

    def values(self, asked: Mapping[str, Any], **path: Any) -> Mapping[str, Any]:
        row = queries.get_agreement(path["agreement_id"], by=self.actor)
        return {"agreement_id": row.pk, **asked}
