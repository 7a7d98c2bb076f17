"""Raised money for machines: what stands where, allocations that a person decides, spendings."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from finance.proceeds import operations, queries
from finance.proceeds.states import RaisingKind, Tag
from ledger.approvals.proposing import ProposedWrite
from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, WriteView
from ledger.kernel.actors import Role

MAKERS = frozenset({Role.CARBON_MANAGER, Role.FUND_MANAGER})


def _money(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=2, **more)


def _measured(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=3, **more)


class RaisingRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    kind = serializers.CharField()
    stance = serializers.CharField(help_text="RAISED by you, or only HELD: a position.")
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    currency = serializers.CharField()
    principal = _money()
    raised_amount = _money()
    raised_on = serializers.DateField()
    matures_on = serializers.DateField(allow_null=True)
    category = serializers.CharField()
    tag = serializers.CharField()


class Raisings(ListView):
    """Bonds, trusts, budget lines … of your party."""

    row = RaisingRow

    class RaisingFilters(Listing):
        kind = serializers.ChoiceField(choices=RaisingKind.values, required=False)
        tag = serializers.ChoiceField(choices=Tag.values, required=False)

    filters = RaisingFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.visible_raisings(self.actor)
        return seen.filter(**{name: asked[name] for name in ("kind", "tag") if name in asked})


class ProjectUseRow(serializers.Serializer[Any]):
    project_id = serializers.UUIDField(source="project.pk")
    code = serializers.CharField(source="project.code")
    allocated = _money()
    spent = _money()
    reduced_tco2e = _measured(help_text="By the part of the investment that this money paid.")
    saved_tce = _measured()


class RaisingUse(serializers.Serializer[Any]):
    raising_id = serializers.UUIDField()
    raised = _money()
    allocated = _money()
    subsidies = _money()
    spent = _money()
    unallocated = _money()
    projects = ProjectUseRow(many=True)


class UseOfProceeds(DetailView):
    """Where one money stands: raised, allocated, spent, and what its projects did."""

    row = RaisingUse

    def find(self, **path: Any) -> Any:
        raising = queries.get_raising(path["raising_id"], by=self.actor)
        use = queries.use_of(raising)
        named = ("raised", "allocated", "subsidies", "spent", "unallocated")
        return {name: getattr(use, name) for name in named} | {
            "raising_id": raising.pk,
            "projects": queries.projects_of_raising(raising),
        }


class FinancedProject(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    category = serializers.CharField()
    investment_amount = _money()
    multiplier = serializers.DecimalField(max_digits=4, decimal_places=2, allow_null=True)


class FinancedProjects(ListView):
    """Projects that your party spends raised money on."""

    row = FinancedProject

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return queries.visible_projects(self.actor)


class ProposeAllocation(ProposedWrite):
    """Propose to allocate money to a project. An approver of your party decides."""

    operation: ClassVar[str] = "proceeds.allocate"
    also = MAKERS

    class ProceedsAllocation(serializers.Serializer[Any]):
        project_id = serializers.UUIDField()
        amount = _money(help_text="Negative: released.")
        allocated_on = serializers.DateField()
        tag = serializers.ChoiceField(choices=Tag.values)
        evidence = serializers.CharField(max_length=300)

    body = ProceedsAllocation

    def values(self, asked: Mapping[str, Any], **path: UUID) -> Mapping[str, Any]:
        raising = queries.get_raising(path["raising_id"], by=self.actor)
        queries.get_project(asked["project_id"], by=self.actor)
        return {"raising_id": raising.pk, **asked}


class SpendingRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    raising_id = serializers.UUIDField()
    project_id = serializers.UUIDField()
    amount = _money()
    spent_on = serializers.DateField()
    payee = serializers.CharField()
    evidence = serializers.CharField()


class Spendings(WriteView):
    """Tell what was paid for a project out of its allocation, with what proves it."""

    operation: ClassVar[str] = "proceeds.spend"
    gives = SpendingRow
    gives_status = 201

    class ProceedsSpending(serializers.Serializer[Any]):
        project_id = serializers.UUIDField()
        amount = _money()
        spent_on = serializers.DateField()
        payee = serializers.CharField(max_length=200)
        evidence = serializers.CharField(max_length=300)
        text = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)

    body = ProceedsSpending

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = operations.spend(
            raising_id=path["raising_id"], **asked, by=self.actor, at=self.at, idempotency_key=key
        )
        return Answer(status=201, body=dict(SpendingRow(row).data))
