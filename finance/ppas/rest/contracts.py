"""Contracts for machines: entered, given their terms, put in force, amended, settled."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from finance.ppas import approvable, models, operations, queries
from finance.ppas.rest.values import Mwh, PerKwh, Proposing
from finance.ppas.rules.quantities import mwh
from finance.ppas.rules.terms import read_volumes
from finance.ppas.states import (
    ContractKind,
    ContractState,
    DeviationOf,
    Matching,
    PartKind,
    QuantityRule,
    RuleKind,
    Tariff,
)
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    DetailView,
    Listing,
    ListView,
    WriteView,
)
from ledger.kernel.periods import Period


class PriceTerm(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=PartKind.choices)
    tariff = serializers.ChoiceField(
        choices=Tariff.choices, required=False, default="", allow_blank=True
    )
    cny_per_kwh = PerKwh()
    valid_from = serializers.DateField(help_text="First day of a month.")
    basis = serializers.CharField(max_length=200)


class DeviationTerm(serializers.Serializer[Any]):
    of = serializers.ChoiceField(choices=DeviationOf.choices)
    kind = serializers.ChoiceField(choices=RuleKind.choices)
    rate_bps = serializers.IntegerField(required=False, default=0, min_value=0, max_value=100_000)
    tolerance_bps = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=10_000
    )
    cny_per_kwh = PerKwh(required=False, allow_null=True, default=None)
    valid_from = serializers.DateField(help_text="First day of a month.")
    basis = serializers.CharField(max_length=200)
    is_unverified = serializers.BooleanField(required=False, default=False)


class VolumeRow(serializers.Serializer[Any]):
    month = serializers.DateField()
    mwh = Mwh()


class MeterRow(serializers.Serializer[Any]):
    point_id = serializers.UUIDField()
    code = serializers.CharField()
    side = serializers.CharField()
    share_bps = serializers.IntegerField(help_text="Share of the meter in basis points.")


class ContractRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    seller_id = serializers.UUIDField()
    buyer_id = serializers.UUIDField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(help_text="First day after.")
    region = serializers.CharField()
    quantity_rule = serializers.CharField()
    matching = serializers.CharField()
    tariff_hours = serializers.CharField(help_text="24 letters for each month, or none.")
    is_bundled = serializers.BooleanField()
    is_direct = serializers.BooleanField()
    agreement = serializers.CharField()
    line = serializers.CharField()
    evidence = serializers.CharField()


class ContractWithTerms(ContractRow):
    prices = PriceTerm(many=True)
    deviations = DeviationTerm(many=True)
    volumes = VolumeRow(many=True)
    meters = MeterRow(many=True)


def _told(contract: models.Contract) -> dict[str, Any]:
    volumes = queries.newest_volumes([contract.pk])
    return {
        **{str(name): getattr(contract, str(name)) for name in ContractRow().fields},
        "prices": contract.prices.all(),
        "deviations": contract.deviations.all(),
        "volumes": [
            {"month": month, "mwh": mwh(row.energy_wh)}
            for (_id, month), row in sorted(volumes.items(), key=lambda one: one[0][1])
        ],
        "meters": [
            {"point_id": point.pk, "code": point.code, "side": point.side, "share_bps": share}
            for point, share in queries.points_of(contract)
        ],
    }


class Contracts(ListView, WriteView):
    """Contracts in which your party sells, buys or keeps the book; or enter a draft."""

    row = ContractRow
    gives = ContractRow
    gives_status = 201
    operation: ClassVar[str] = "ppas.enter_contract"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class ContractFilters(Listing):
        kind = serializers.ChoiceField(choices=ContractKind.values, required=False)
        state = serializers.ChoiceField(choices=ContractState.values, required=False)
        number = serializers.CharField(required=False, max_length=60)

    filters = ContractFilters

    class EnterContract(serializers.Serializer[Any]):
        number = serializers.CharField(max_length=60)
        title = serializers.CharField(max_length=160)
        kind = serializers.ChoiceField(choices=ContractKind.values)
        seller_id = serializers.UUIDField()
        buyer_id = serializers.UUIDField()
        valid_from = serializers.DateField()
        valid_to = serializers.DateField(help_text="First day after.")
        region = serializers.CharField(required=False, default="", max_length=6, allow_blank=True)
        quantity_rule = serializers.ChoiceField(choices=QuantityRule.values)
        matching = serializers.ChoiceField(choices=Matching.values, default=Matching.MONTH)
        tariff_hours = serializers.CharField(
            required=False, default="", max_length=400, allow_blank=True
        )
        is_bundled = serializers.BooleanField()
        is_direct = serializers.BooleanField(required=False, default=False)
        agreement = serializers.CharField(
            required=False, default="", max_length=200, allow_blank=True
        )
        line = serializers.CharField(required=False, default="", max_length=200, allow_blank=True)
        evidence = serializers.CharField(max_length=300)

    body = EnterContract

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = ("kind", "state", "number")
        seen = queries.contracts_visible_to(self.actor)
        return seen.filter(**{name: asked[name] for name in named if name in asked})

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.enter_contract(
            **asked, by=self.actor, at=self.at, idempotency_key=f"api:{key}"
        )
        address = f"/api/v1/ppa-contracts/{made.pk}/"
        return Answer(status=201, body=dict(ContractRow(made).data), location=address)


class OneContract(DetailView):
    """A contract with its terms."""

    row = ContractWithTerms

    def find(self, **path: Any) -> Any:
        return _told(queries.get_contract(path["contract_id"], by=self.actor))


class TermsBody(serializers.Serializer[Any]):
    price = PriceTerm(required=False)
    rule = DeviationTerm(required=False)
    volumes = serializers.CharField(
        required=False,
        max_length=100_000,
        help_text="Lines of a month or year and MWh; 24 numbers after a month are its hours.",
    )


class Terms(WriteView):
    """Tell a price, a deviation rule or contracted quantities of a draft."""

    operation: ClassVar[str] = "ppas.add_price"
    body = TermsBody
    gives = ContractWithTerms
    gives_status = 201

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        given: dict[str, Any] = {
            "contract_id": path["contract_id"], "by": self.actor, "at": self.at
        }  # fmt: skip
        if price := asked.get("price"):
            operations.add_price(price=operations.PriceTerm(**price), **given)
        if rule := asked.get("rule"):
            operations.set_deviation(rule=operations.DeviationTerm(**rule), **given)
        if text := asked.get("volumes"):
            operations.set_volumes(volumes=read_volumes(text), **given)
        contract = queries.get_contract(path["contract_id"], by=self.actor)
        return Answer(status=201, body=dict(ContractWithTerms(_told(contract)).data))


class Meters(WriteView):
    """Give a draft a share of a meter for its whole term."""

    operation: ClassVar[str] = "ppas.attach_point"
    gives = ContractWithTerms
    gives_status = 201

    class Attach(serializers.Serializer[Any]):
        point_id = serializers.UUIDField()
        share_bps = serializers.IntegerField(min_value=1, max_value=10_000)

    body = Attach

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        contract_id = path["contract_id"]
        operations.attach_point(contract_id=contract_id, by=self.actor, at=self.at, **asked)
        contract = queries.get_contract(contract_id, by=self.actor)
        return Answer(status=201, body=dict(ContractWithTerms(_told(contract)).data))


class Signing(Proposing):
    """Propose that a draft comes into force."""

    operation: ClassVar[str] = approvable.SIGN

    class Nothing(serializers.Serializer[Any]):
        """Nothing but the key."""

    body = Nothing

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        contract = queries.get_contract(path["contract_id"], by=self.actor)
        payload = {"contract_id": str(contract.pk), "key": key}
        return self.ask(payload, approvable.describe_sign(payload))


class Amendments(Proposing):
    """Propose new terms of a contract in force."""

    operation: ClassVar[str] = approvable.AMEND
    body = TermsBody

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        contract = queries.get_contract(path["contract_id"], by=self.actor)
        payload: dict[str, Any] = {"contract_id": str(contract.pk), "key": key}
        if price := asked.get("price"):
            payload["price"] = approvable.payload_of_price(operations.PriceTerm(**price))
        if rule := asked.get("rule"):
            payload["rule"] = approvable.payload_of_rule(operations.DeviationTerm(**rule))
        if text := asked.get("volumes"):
            payload["volumes"] = text
        return self.ask(payload, approvable.describe_amend(payload))


class MonthsAsked(serializers.Serializer[Any]):
    first = serializers.DateField(help_text="First day of the first month.")
    last = serializers.DateField(help_text="First day of the last month.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs["first"].replace(day=1), attrs["last"].replace(day=1)
        if first > last:
            raise serializers.ValidationError({"last": ["before the first"]})
        return {**attrs, "first": first, "last": last}


class JobAsked(serializers.Serializer[Any]):
    job_id = serializers.UUIDField()


class Settling(WriteView):
    """Ask for the job that settles months of a contract; its statements are preliminary."""

    operation: ClassVar[str] = "ppas.request_settlement"
    body = MonthsAsked
    gives = JobAsked

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        job_id = operations.request_settlement(
            contract_id=path["contract_id"],
            by=self.actor,
            at=self.at,
            idempotency_key=f"api:{key}",
            **asked,
        )
        return Answer(status=202, body={"job_id": str(job_id)})


class Finalising(Proposing):
    """Propose that preliminary statements become final."""

    operation: ClassVar[str] = approvable.FINALISE
    body = MonthsAsked

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        contract = queries.get_contract(path["contract_id"], by=self.actor)
        last = asked["last"]
        period = Period(asked["first"], Period.month(last.year, last.month).end)
        months = [one.isoformat() for one in queries.months_of(contract, period)]
        payload = {"contract_id": str(contract.pk), "months": months, "key": key}
        return self.ask(payload, approvable.describe_finalise(payload))
