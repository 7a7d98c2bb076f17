"""Free allocation: what the rule book's formulas entitle to, and what the regulator did."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.compliance import operations, queries
from ledger.compliance.models import Allocation, Obligation
from ledger.compliance.operations.allocating import power_unit
from ledger.compliance.states import AllocationStep
from ledger.doors.idempotency import Answer
from ledger.doors.rest import LARGEST_WHOLE, ListView, Whole, WriteView


class AllocationRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    entity_id = serializers.UUIDField()
    year = serializers.IntegerField()
    step = serializers.CharField()
    table = serializers.CharField()
    unit_count = Whole()
    calculation = serializers.JSONField(help_text="What was given, what came of it, every number.")
    is_draft = serializers.BooleanField(help_text="A number that was used stands in a draft only.")
    evidence = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class _OfYear(WriteView):
    """A step of a year's free allocation; answers the step with its calculation."""

    gives = AllocationRow
    gives_status = 201

    def step(self, year: Obligation, asked: dict[str, Any]) -> Allocation:
        """:raises DomainError: refused"""
        raise NotImplementedError

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        year = queries.get_obligation(path["year_id"], by=self.actor)
        made = self.step(year, dict(asked))
        return Answer(status=201, body=dict(AllocationRow(made).data))


class Allocations(ListView, _OfYear):
    """Free allocation of a compliance year, step by step; or record what the regulator did.

    The units themselves come with the registry's statement.
    """

    row = AllocationRow
    operation: ClassVar[str] = "compliance.record_allocation"

    class AllocationToRecord(serializers.Serializer[Any]):
        step = serializers.ChoiceField(
            choices=[one.value for one in AllocationStep if one is not AllocationStep.ENTITLED]
        )
        table = serializers.ChoiceField(choices=["FINAL", "PRE"])
        unit_count = Whole(min_value=1, max_value=LARGEST_WHOLE)
        evidence = serializers.CharField(max_length=300)

    body = AllocationToRecord

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        year = queries.get_obligation(self.kwargs["year_id"], by=self.actor)
        return queries.allocations_of(year.entity_id).filter(year=year.year).order_by()

    def step(self, year: Obligation, asked: dict[str, Any]) -> Allocation:
        return operations.record_allocation(
            entity_id=year.entity_id, year=year.year, **asked, by=self.actor, at=self.at
        )


def _amount(places: int, **more: Any) -> Any:
    return serializers.DecimalField(18, places, min_value=0, **more)


class OfPowerUnit(_OfYear):
    """Calculate the allocation of a generating unit: load correction, gap cap, gas topped up."""

    operation: ClassVar[str] = "compliance.entitle_power"

    class GeneratingUnit(serializers.Serializer[Any]):
        unit_class = serializers.ChoiceField(
            choices=["I", "II", "III", "IV"],
            help_text="Conventional coal above 300 MW, up to 300 MW, unconventional coal, gas.",
        )
        power_mwh = _amount(3)
        heat_gj = _amount(2)
        load_percent = serializers.DecimalField(5, 2, min_value=0, max_value=100)
        verified = Whole(min_value=0, max_value=LARGEST_WHOLE, help_text="Emissions, t.")
        evidence = serializers.CharField(max_length=300)

    body = GeneratingUnit

    def step(self, year: Obligation, asked: dict[str, Any]) -> Allocation:
        unit_class, evidence = asked.pop("unit_class"), asked.pop("evidence")
        return operations.entitle_power(
            entity_id=year.entity_id,
            year=year.year,
            unit_class=unit_class,
            unit=power_unit(**asked, is_gas=unit_class == "IV"),
            evidence=evidence,
            by=self.actor,
            at=self.at,
        )


class OfIndustry(_OfYear):
    """Calculate the allocation of a steel, cement or aluminium maker.

    Without `deviation` it is a special case: what was verified.
    """

    operation: ClassVar[str] = "compliance.entitle_industry"

    class IndustrialYear(serializers.Serializer[Any]):
        class Intensity(serializers.Serializer[Any]):
            emissions_t = _amount(2, help_text="Emissions of the intensity.")
            output = _amount(2, help_text="Output, t.")
            balance = _amount(4, help_text="The sector's balance value, t per t.")

        verified = Whole(min_value=0, max_value=LARGEST_WHOLE, help_text="Emissions, t.")
        deviation = Intensity(required=False, allow_null=True, default=None)
        evidence = serializers.CharField(max_length=300)

    body = IndustrialYear

    def step(self, year: Obligation, asked: dict[str, Any]) -> Allocation:
        given = asked.pop("deviation")
        return operations.entitle_industry(
            entity_id=year.entity_id,
            year=year.year,
            deviation=operations.Deviation(**given) if given else None,
            **asked,
            by=self.actor,
            at=self.at,
        )


class PreAllocation(_OfYear):
    """Calculate a pre-allocation: the share of a basis that the year's plan names."""

    operation: ClassVar[str] = "compliance.entitle_pre_allocation"

    class Basis(serializers.Serializer[Any]):
        basis = Whole(min_value=0, max_value=LARGEST_WHOLE, help_text="t")
        evidence = serializers.CharField(max_length=300)

    body = Basis

    def step(self, year: Obligation, asked: dict[str, Any]) -> Allocation:
        return operations.entitle_pre_allocation(
            entity_id=year.entity_id, year=year.year, **asked, by=self.actor, at=self.at
        )


class Cuts(_OfYear):
    """Record that a year's shortfall is cut from what the next year grants, by decision."""

    operation: ClassVar[str] = "compliance.cut_for_shortfall"

    class CutDecision(serializers.Serializer[Any]):
        decided_on = serializers.DateField()
        evidence = serializers.CharField(max_length=300)

    body = CutDecision

    def step(self, year: Obligation, asked: dict[str, Any]) -> Allocation:
        return operations.cut_for_shortfall(
            obligation_id=year.pk, **asked, by=self.actor, at=self.at
        )
