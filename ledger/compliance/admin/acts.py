"""Acts on one compliance year: allocation and surrender."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.accounts import queries as accounts
from ledger.compliance import approvable, forms, operations, queries
from ledger.compliance.models import CarryOver, Obligation
from ledger.compliance.operations.allocating import power_unit
from ledger.doors.admin import Choices, ConfirmedAction, actor_of, site
from ledger.doors.wording import number_format
from ledger.holds import queries as holds
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.units import queries as units


class Surrender(ConfirmedAction):
    name = "surrender"
    title = gettext_lazy("Propose a surrender")
    operation = "compliance.surrender"
    form_class = forms.Surrender
    icon = "assignment_return"
    dangerous = True

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    def is_offered(self, request: HttpRequest, obj: Obligation) -> bool:
        return obj.open_t > 0

    def choices(self, request: HttpRequest, obj: Obligation) -> Mapping[str, Choices]:
        places = [
            (
                f"{one.account_id}:{one.lot_id}",
                f"{one.lot} · {one.account} · {number_format(one.unit_count)}",
            )
            for one in queries.holdings_for(obj, timezone.localdate())
            if one.can_be_used_now
        ]
        return {f"place_{n}": places for n in range(1, forms.LINES + 1)}

    @staticmethod
    def payload(obj: Obligation, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        lines = []
        for place, count in data["lines"]:
            account_id, lot_id = place.split(":")
            lines.append({"account_id": account_id, "lot_id": lot_id, "unit_count": count})
        return {
            "obligation_id": str(obj.pk),
            "lines": lines,
            "happened_on": data["happened_on"].isoformat(),
            "reason": data["reason"],
            "key": key,
        }

    def describe(self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(obj, data, "")
        # say at once what would be refused at the end
        lines, on, at = approvable.lines_of(payload), data["happened_on"], timezone.now()
        operations.check_lines(obj, lines, on=on, at=at)
        operations.check_not_blocked(lines, on=on, by=actor_of(request), at=at)
        decides = site.who_decides(request, self.operation, payload)
        return [*approvable.describe(payload), decides]

    def perform(
        self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any], key: str
    ) -> str:
        payload = self.payload(obj, data, key)
        return site.propose(request, self.operation, payload, approvable.describe(payload))


class _Entitle(ConfirmedAction):
    """An allocation by formula: recorded with its calculation."""

    sectors: frozenset[str]
    icon = "functions"

    def is_offered(self, request: HttpRequest, obj: Obligation) -> bool:
        return obj.entity.sector in self.sectors

    def describe(self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any]) -> list[str]:
        return [
            _("The allocation of %(year)s is calculated with the rule book's numbers of that year.")
            % {"year": str(obj)},
            _("The calculation is kept with every number it used; drafts are marked."),
        ]


class EntitlePower(_Entitle):
    name = "entitle_power"
    title = gettext_lazy("Calculate allocation of a generating unit")
    operation = "compliance.entitle_power"
    form_class = forms.EntitlePower
    sectors = frozenset({"POWER"})

    def perform(
        self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any], key: str
    ) -> str:
        given = {**data}
        unit_class, evidence = given.pop("unit_class"), given.pop("evidence")
        made = operations.entitle_power(
            entity_id=obj.entity_id,
            year=obj.year,
            unit_class=unit_class,
            unit=power_unit(**given, is_gas=unit_class == "IV"),
            evidence=evidence,
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Entitled to %(units)s units.") % {"units": number_format(made.unit_count)}


class EntitleIndustry(_Entitle):
    name = "entitle_industry"
    title = gettext_lazy("Calculate allocation")
    operation = "compliance.entitle_industry"
    form_class = forms.EntitleIndustry
    sectors = frozenset({"STEEL", "CEMENT", "ALUMINIUM"})

    def perform(
        self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any], key: str
    ) -> str:
        deviation = None
        if not data["is_special"]:
            deviation = operations.Deviation(data["emissions_t"], data["output"], data["balance"])
        made = operations.entitle_industry(
            entity_id=obj.entity_id,
            year=obj.year,
            verified=data["verified"],
            deviation=deviation,
            evidence=data["evidence"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Entitled to %(units)s units.") % {"units": number_format(made.unit_count)}


class PreAllocate(_Entitle):
    name = "pre_allocate"
    title = gettext_lazy("Calculate pre-allocation")
    operation = "compliance.entitle_pre_allocation"
    form_class = forms.PreAllocate
    sectors = frozenset({"POWER"})

    def perform(
        self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any], key: str
    ) -> str:
        made = operations.entitle_pre_allocation(
            entity_id=obj.entity_id,
            year=obj.year,
            **data,
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Entitled to %(units)s units.") % {"units": number_format(made.unit_count)}


class RecordAllocation(ConfirmedAction):
    name = "allocation"
    title = gettext_lazy("Record an allocation")
    operation = "compliance.record_allocation"
    form_class = forms.RecordAllocation
    icon = "redeem"

    def describe(self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any]) -> list[str]:
        return [
            _("%(year)s: %(step)s, %(units)s units.")
            % {
                "year": str(obj),
                "step": dict(forms.GIVEN)[data["step"]],
                "units": number_format(data["unit_count"]),
            },
            _("This records the regulator's act. The units themselves come with its statement."),
        ]

    def perform(
        self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any], key: str
    ) -> str:
        operations.record_allocation(
            entity_id=obj.entity_id, year=obj.year, **data, by=actor_of(request), at=timezone.now()
        )
        return _("The allocation is recorded.")


class CutForShortfall(ConfirmedAction):
    name = "cut"
    title = gettext_lazy("Record the cut of the next year's allocation")
    operation = "compliance.cut_for_shortfall"
    form_class = forms.Cut
    icon = "content_cut"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Obligation) -> bool:
        rules = queries.get_regime(obj.entity.regime_id)
        return bool(rules.cut_key) and obj.open_t > 0 and obj.status in {"SHORT", "UNFULFILLED"}

    def describe(self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any]) -> list[str]:
        return [
            _("%(units)s units of %(year)s stayed open; as many are cut from what %(next)s grants.")
            % {"units": number_format(obj.open_t), "year": str(obj.year), "next": str(obj.year + 1)}
        ]

    def perform(
        self, request: HttpRequest, obj: Obligation, data: Mapping[str, Any], key: str
    ) -> str:
        made = operations.cut_for_shortfall(
            obligation_id=obj.pk, **data, by=actor_of(request), at=timezone.now()
        )
        return _("%(units)s units are cut.") % {"units": number_format(made.unit_count)}


# --- carry-over


class ApplyForCarryOver(ConfirmedAction):
    name = "apply"
    title = gettext_lazy("Apply for carry-over")
    operation = "compliance.apply_for_carry_over"
    form_class = forms.ApplyForCarryOver
    icon = "redo"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        own = actor_of(request).own_party
        mine = queries.entities_of(own)
        lots = {(str(one.lot_id), f"{one.lot_code} · {number_format(one.unit_count)}")
                for one in units.positions(own) if one.state == "FREE"}  # fmt: skip
        nothing = [("", "–")]
        return {
            "entity": [(str(row.pk), str(row)) for row in mine],
            "account_number": [
                *nothing,
                *((str(row.pk), row.number) for row in accounts.accounts_of(own)),
            ],
            **{f"lot_{n}": [*nothing, *sorted(lots, key=str)] for n in range(1, forms.LINES + 1)},
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        """The calculator, in words (R2.28, R2.30)."""
        made, _numbers = queries.carry_over_of(
            sold=data["sold"],
            purchased=data["purchased"],
            held=data["held"],
            on=data["applied_on"],
        )
        told = {
            "net": number_format(made.net_sold),
            "limit": number_format(made.limit),
            "lost": number_format(made.lost),
            "extra": number_format(made.extra_sales),
            "units": number_format(data["unit_count"]),
        }
        said = [
            _("Net sales of %(net)s t allow %(limit)s t of what is held to be carried over.") % told
        ]
        if made.lost:
            said.append(
                _("%(lost)s t would lose their use. Selling %(extra)s t more inside the window of "
                  "sales would save all that is left.") % told
            )  # fmt: skip
        said.append(_("You apply for %(units)s units; an entity applies once.") % told)
        if data["parts"]:
            frozen = number_format(sum(count for _lot, count in data["parts"]))
            said.append(
                _("%(units)s units are frozen until it is granted or withdrawn.")
                % {"units": frozen}
            )
        return said

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        given = {**data}
        account = given.pop("account_number")
        operations.apply_for_carry_over(
            entity_id=UUID(given.pop("entity")),
            account_id=UUID(account) if account and data["parts"] else None,
            parts=[(UUID(lot), count) for lot, count in given.pop("parts")],
            **given,
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The application is recorded.")


class CompleteCarryOver(ConfirmedAction):
    name = "complete"
    title = gettext_lazy("Carry over as granted")
    operation = "compliance.complete_carry_over"
    form_class = forms.CompleteCarryOver
    icon = "done_all"
    dangerous = True

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    def is_offered(self, request: HttpRequest, obj: CarryOver) -> bool:
        return obj.state == "APPLIED"

    def choices(self, request: HttpRequest, obj: CarryOver) -> Mapping[str, Choices]:
        held = [
            one
            for one in units.positions(obj.entity.party_id)
            if one.state in {"FREE", "FROZEN"} and one.vintage_year < obj.to_year
        ]
        lots = {(str(one.lot_id), f"{one.lot_code} · {number_format(one.unit_count)}")
                for one in held}  # fmt: skip
        mine = accounts.accounts_of(obj.entity.party_id)
        old = {one.lot_id: one.lot_code for one in held}
        orders = [
            (str(one.pk), f"{one.order_number} · {old[one.lot_id]}")
            for one in holds.orders_on([row.pk for row in mine])
            if one.lot_id in old
        ]
        return {
            "frozen": orders,
            "account_number": [(str(row.pk), row.number) for row in mine],
            **{f"lot_{n}": [("", "–"), *sorted(lots, key=str)] for n in range(1, forms.LINES + 1)},
        }

    @staticmethod
    def payload(obj: CarryOver, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        """:raises NotFound: no such lot, or no such issuer in the account's registry"""
        account = accounts.get_account(UUID(data["account_number"]))
        into = units.find_lot(data["into_lot_code"])
        issuer = accounts.find_account(registry=account.registry_id, number=data["issuer_number"])
        if into is None or issuer is None:
            raise NotFound
        return {
            "carry_over_id": str(obj.pk),
            "account_id": str(account.pk),
            "issuer_account_id": str(issuer.pk),
            "into_lot_id": str(into.id),
            "parts": [list(one) for one in data["carried"]],
            "destroyed": [list(one) for one in data["destroyed"]],
            "frozen": list(data["frozen"]),
            "happened_on": data["happened_on"].isoformat(),
            "key": key,
        }

    def describe(self, request: HttpRequest, obj: CarryOver, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(obj, data, "")
        decides = site.who_decides(request, self.operation, payload)
        return [*approvable.describe_carry_over(payload), decides]

    def perform(
        self, request: HttpRequest, obj: CarryOver, data: Mapping[str, Any], key: str
    ) -> str:
        payload = self.payload(obj, data, key)
        said = approvable.describe_carry_over(payload)
        return site.propose(request, self.operation, payload, said)


class WithdrawCarryOver(ConfirmedAction):
    name = "withdraw"
    title = gettext_lazy("Withdraw the application")
    operation = "compliance.withdraw_carry_over"
    form_class = forms.WithReason
    icon = "undo"

    def is_offered(self, request: HttpRequest, obj: CarryOver) -> bool:
        return obj.state == "APPLIED"

    def describe(self, request: HttpRequest, obj: CarryOver, data: Mapping[str, Any]) -> list[str]:
        return [_("The application of %(entity)s is withdrawn.") % {"entity": str(obj.entity)}]

    def perform(
        self, request: HttpRequest, obj: CarryOver, data: Mapping[str, Any], key: str
    ) -> str:
        operations.withdraw_carry_over(
            carry_over_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("Withdrawn.")
