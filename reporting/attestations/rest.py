"""Attestations for machines: have a pledge attested, list them, read one, take it back."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, Whole, WriteView, among, strict
from reporting.attestations import operations, queries
from reporting.attestations.models import Attestation
from reporting.attestations.states import AttestationState

MOST = 2**62
KEPT = "How many events the checkpoint covers that you have kept: its second line."


class AttestationRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    hold_id = serializers.UUIDField()
    creditor_id = serializers.UUIDField()
    debtor_id = serializers.UUIDField()
    unit_count = serializers.IntegerField()
    checkpoint_size = serializers.IntegerField(help_text="Events that its checkpoint covers.")
    supersedes_id = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=AttestationState.values)
    sha256 = serializers.CharField(help_text="Of the document, byte by byte.")
    issued_at = serializers.DateTimeField()


class AttestationDocument(AttestationRow):
    document = serializers.CharField(help_text="The signed JSON; these very bytes are signed.")


def _told(row: Attestation, state: AttestationState) -> dict[str, Any]:
    names = [str(name) for name in AttestationDocument().fields if hasattr(row, str(name))]
    return {name: getattr(row, name) for name in names} | {"state": state.value}


class Attestations(ListView, WriteView):
    """Attestations of your pledges, and of pledges to you; or have one made at once."""

    row = AttestationRow
    gives = AttestationDocument
    gives_status = 201
    operation: ClassVar[str] = "attestations.issue_attestation"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class AttestationFilters(Listing):
        hold_id = serializers.UUIDField(required=False)

    filters = AttestationFilters

    class Attest(serializers.Serializer[Any]):
        hold_id = serializers.UUIDField(help_text="A pledge in force that you are a party to.")
        previous = Whole(required=False, min_value=1, max_value=MOST, help_text=KEPT)

    body = Attest

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.attestations_for(self.actor).defer("document"), asked, "hold_id")

    def shown(self, rows: Any) -> Any:
        found = list(rows)
        states = queries.states_of(found)
        fields = [one for one in map(str, AttestationRow().fields) if one != "state"]
        return [
            {name: getattr(one, name) for name in fields} | {"state": states[one.pk].value}
            for one in found
        ]

    def post(self, request: Request, **path: Any) -> Response:
        """Sealing needs transactions of its own, so it stands before the answer's."""
        checked = self.body(data=request.data)
        if checked.is_valid():
            hold_id = checked.validated_data["hold_id"]
            operations.make_ready(hold_ids=[hold_id], by=self.actor, at=self.at)
        return super().post(request, **path)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.issue_attestation(
            hold_id=asked["hold_id"], previous=asked.get("previous"), by=self.actor, at=self.at,
            idempotency_key=key,
        )  # fmt: skip
        told = AttestationDocument(_told(made, queries.state_of(made))).data
        return Answer(201, dict(told), f"/api/v1/attestations/{made.pk}/")


class AttestationBatch(serializers.Serializer[Any]):
    attestations = AttestationDocument(many=True)


class ManyAttestations(WriteView):
    """Have many pledges attested at once, each by a document of its own; all or none."""

    operation: ClassVar[str] = "attestations.issue_attestations"
    gives = AttestationBatch
    gives_status = 201

    class AttestMany(serializers.Serializer[Any]):
        hold_ids = serializers.ListField(
            child=serializers.UUIDField(),
            min_length=1,
            max_length=500,
            help_text="Pledges in force that you are a party to.",
        )

    body = AttestMany

    def post(self, request: Request, **path: Any) -> Response:
        """Sealing needs transactions of its own, so it stands before the answer's."""
        checked = self.body(data=request.data)
        if checked.is_valid():
            hold_ids = checked.validated_data["hold_ids"]
            operations.make_ready(hold_ids=hold_ids, by=self.actor, at=self.at)
        return super().post(request, **path)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.issue_attestations(
            hold_ids=list(dict.fromkeys(asked["hold_ids"])),
            by=self.actor,
            at=self.at,
            idempotency_key=key,
        )
        states = queries.states_of(made)
        told = {"attestations": [_told(row, states[row.pk]) for row in made]}
        return Answer(201, dict(AttestationBatch(told).data))


class OneAttestation(DetailView):
    """An attestation with its document. That you took it is on record."""

    row = AttestationDocument

    def find(self, **path: Any) -> Any:
        found = queries.get_attestation(path["attestation_id"], by=self.actor)
        operations.take_away(attestation_id=found.pk, form="json", by=self.actor, at=self.at)
        return _told(found, queries.state_of(found))


class ConsistencyProof(serializers.Serializer[Any]):
    type = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField(), help_text="Hashes, base64.")
    checkpoint1 = serializers.CharField()
    checkpoint2 = serializers.CharField()


class WayTo(DetailView):
    """The proof that an attestation's log continues a checkpoint that you have kept: `--way`."""

    row = ConsistencyProof

    class Kept(serializers.Serializer[Any]):
        previous = Whole(min_value=1, max_value=MOST, help_text=KEPT)

    filters = Kept

    def find(self, **path: Any) -> Any:
        found = queries.get_attestation(path["attestation_id"], by=self.actor)
        asked = strict(self.filters, self.request.query_params.dict())
        return queries.way_to(found, previous=asked["previous"])


class Revocations(WriteView):
    """Say that nobody should rely on an attestation any more."""

    operation: ClassVar[str] = "attestations.revoke_attestation"
    gives = AttestationRow
    gives_status = 201

    class Revoke(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=300)

    body = Revoke

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.revoke_attestation(
            attestation_id=path["attestation_id"], by=self.actor, at=self.at, **asked
        )
        row = made.attestation
        return Answer(201, dict(AttestationRow(_told(row, AttestationState.REVOKED)).data))
