"""Acts on a position or an entry: each asks a second person."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.approvals import queries as asked
from ledger.doors.admin import Choices, ConfirmedAction, actor_of, site
from ledger.doors.wording import number_format
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role
from ledger.parties import queries as parties
from ledger.units import approvable, forms, models, operations, queries
from ledger.units.rules import NotEnoughUnits
from ledger.units.states import EntryKind, UnitState


class _Move(ConfirmedAction):
    """What the four acts on a free position share."""

    form_class = forms.MoveForm

    def is_offered(self, request: HttpRequest, obj: models.Position) -> bool:
        return obj.state == UnitState.FREE.value and obj.quantity > 0

    def initial(self, request: HttpRequest, obj: models.Position) -> Mapping[str, Any]:
        return {"happened_on": obj.last_on}

    def asked(self, obj: models.Position, data: Mapping[str, Any]) -> dict[str, str]:
        return {"account_id": str(obj.account_id)}

    @staticmethod
    def check_free(obj: models.Position, data: Mapping[str, Any]) -> None:
        """:raises NotEnoughUnits: nobody need be asked"""
        if data["unit_count"] > obj.quantity:
            raise NotEnoughUnits(wanted=data["unit_count"], free=obj.quantity)

    leaves: ClassVar[EntryKind | None] = None  # how units leave, where rooms above may refuse it

    def check_leaving(
        self, request: HttpRequest, obj: models.Position, data: Mapping[str, Any]
    ) -> None:
        """:raises DomainError: what would be refused at the end is refused when it is read"""
        if self.leaves is not None:
            operations.check_guards(
                kind=self.leaves,
                account_id=obj.account_id,
                lot=queries.get_lot(obj.lot_id),
                on=data["happened_on"],
                by=actor_of(request),
                at=request.at,  # type: ignore[attr-defined]
            )

    def payload(self, obj: models.Position, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {
            "lot_id": str(obj.lot_id),
            "unit_count": data["unit_count"],
            "ranges": [list(run) for run in data["ranges"]],
            "happened_on": data["happened_on"].isoformat(),
            "reason": data["reason"],
            "key": key,
            **self.asked(obj, data),
        }

    def describe(
        self, request: HttpRequest, obj: models.Position, data: Mapping[str, Any]
    ) -> list[str]:
        self.check_free(obj, data)
        self.check_leaving(request, obj, data)
        left = obj.quantity - data["unit_count"]
        payload = self.payload(obj, data, "")
        return [
            *asked.describe(self.operation, payload),
            _("Left free afterwards: %(left)s.") % {"left": number_format(left)},
            site.who_decides(request, self.operation, payload),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Position, data: Mapping[str, Any], key: str
    ) -> str:
        self.check_free(obj, data)
        payload = self.payload(obj, data, key)
        summary = asked.describe(self.operation, payload)
        return site.propose(request, self.operation, payload, summary)


class TransferAction(_Move):
    name = "transfer"
    title = gettext_lazy("Transfer")
    operation = "units.transfer_units"
    form_class = forms.TransferForm
    icon = "swap_horiz"
    leaves = EntryKind.TRANSFER

    def choices(self, request: HttpRequest, obj: models.Position) -> Mapping[str, Choices]:
        return {"registry": instruments.registry_choices()}

    def asked(self, obj: models.Position, data: Mapping[str, Any]) -> dict[str, str]:
        return {
            "from_account_id": str(obj.account_id),
            "to_account_id": str(data["to_account_id"]),
        }


class RetireAction(_Move):
    name = "retire"
    title = gettext_lazy("Retire")
    operation = "units.retire_units"
    form_class = forms.RetireForm
    icon = "task_alt"
    dangerous = True

    def choices(self, request: HttpRequest, obj: models.Position) -> Mapping[str, Choices]:
        return {"beneficiary_id": parties.party_choices(actor_of(request))}

    def asked(self, obj: models.Position, data: Mapping[str, Any]) -> dict[str, str]:
        return {
            "account_id": str(obj.account_id),
            "beneficiary_id": data["beneficiary_id"],
            "purpose": data["purpose"],
        }


class SurrenderAction(_Move):
    name = "surrender"
    title = gettext_lazy("Surrender")
    operation = "units.surrender_units"
    form_class = forms.SurrenderForm
    icon = "assignment_turned_in"
    dangerous = True
    leaves = EntryKind.SURRENDER

    def asked(self, obj: models.Position, data: Mapping[str, Any]) -> dict[str, str]:
        return {"account_id": str(obj.account_id), "obligation": data["obligation"]}


class CancelAction(_Move):
    name = "cancel"
    title = gettext_lazy("Cancel units")
    operation = "units.cancel_units"
    icon = "block"
    dangerous = True


class ReverseAction(ConfirmedAction):
    name = "reverse"
    title = gettext_lazy("Reverse")
    operation = "units.reverse_entry"
    form_class = forms.ReverseForm
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: models.Entry) -> bool:
        return obj.reverses_id is None and queries.find_reversal(obj.pk) is None

    def initial(self, request: HttpRequest, obj: models.Entry) -> Mapping[str, Any]:
        return {"happened_on": obj.happened_on}

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    @staticmethod
    def payload(obj: models.Entry, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {
            "entry_id": str(obj.pk),
            "happened_on": data["happened_on"].isoformat(),
            "reason": data["reason"],
            "key": key,
        }

    def describe(
        self, request: HttpRequest, obj: models.Entry, data: Mapping[str, Any]
    ) -> list[str]:
        payload = self.payload(obj, data, "")
        said = approvable.describe_reversal(payload)
        return [*said, site.who_decides(request, self.operation, payload)]

    def perform(
        self, request: HttpRequest, obj: models.Entry, data: Mapping[str, Any], key: str
    ) -> str:
        payload = self.payload(obj, data, key)
        said = approvable.describe_reversal(payload)
        return site.propose(request, self.operation, payload, said)
