"""Acts of pages and machines that ask for an approval: what they share, whatever they are about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest

from ledger.approvals import operations, queries
from ledger.doors.acts import ConfirmedAction, actor_of
from ledger.doors.idempotency import Answer
from ledger.doors.rest import AskedFor, WriteView, carried_out, waits_for_approval
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import canonical_text


def plain(value: Any) -> Any:
    """A value of a form as it travels in a payload: decimals, days and ids are text."""
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return canonical_text(value).strip('"')


def payload_of(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {**{name: plain(value) for name, value in values.items()}, "key": key}


def _maybe(convert: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda text: None if text in {None, ""} else convert(text)


ID, DAY, AMOUNT = _maybe(UUID), _maybe(date.fromisoformat), _maybe(Decimal)
# What a value of a payload is, by how its name ends: measures stand in names.
ENDINGS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("_id", ID), ("_on", DAY), ("valid_from", DAY), ("valid_to", DAY), ("amount", AMOUNT),
    ("_price", AMOUNT), ("_tco2e", AMOUNT), ("_tce", AMOUNT), ("_mwh", AMOUNT),
    ("period_start", DAY), ("period_end", DAY), ("principal", AMOUNT),
)  # fmt: skip


def read(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The operation's arguments out of plain JSON: ids, days and amounts by their names."""
    return {name: _reader_of(name)(value) for name, value in payload.items()}


def _reader_of(name: str) -> Callable[[Any], Any]:
    found = (convert for ending, convert in ENDINGS if name.endswith(ending))
    return next(found, lambda value: value)


@dataclass(frozen=True, slots=True)
class Act:
    """An approvable act: title, operation, what is said of it, what it relies on.

    The operation takes what its payload names, and `idempotency_key` and `approval_id`.
    """

    title: Any
    operate: Callable[..., Any]
    describe: Callable[[dict[str, Any]], list[str]]
    relies_on: Callable[[dict[str, Any]], Mapping[str, Any]] = lambda asked: {}

    def execute(
        self, payload: Mapping[str, Any], *, by: Actor, at: datetime, approval_id: UUID
    ) -> Mapping[str, Any]:
        asked = read(payload)
        key = asked.pop("key")
        row = self.operate(**asked, by=by, at=at, idempotency_key=key, approval_id=approval_id)
        return {type(row).__name__.lower(): str(row.pk)}

    def say(self, payload: Mapping[str, Any]) -> list[str]:
        return self.describe(read(payload))

    def fingerprint(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.relies_on(read(payload))


def register_all(acts: Mapping[str, Act]) -> None:
    """For `config/wiring.py`."""
    for name, act in acts.items():
        operations.register(
            name,
            execute=act.execute,
            describe=act.say,
            fingerprint=act.fingerprint,
            title=act.title,
        )


def _at(request: HttpRequest) -> datetime:
    """The moment of the request, read once at the door."""
    at: datetime = request.at  # type: ignore[attr-defined]
    return at


class ProposedAction(ConfirmedAction):
    """A page's act that a second person decides. Its approvable says what will happen."""

    makers: ClassVar[frozenset[Role]] = frozenset()

    def values(self, obj: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The operation's arguments, from the object and the form."""
        raise NotImplementedError

    def payload(
        self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        """What exactly is asked for, in plain values: the arguments, unless an act says more.

        :raises DomainError: nobody need be asked
        """
        return payload_of(self.values(obj, data), key)

    def may(self, actor: Actor) -> bool:
        """Makers may ask for what only an approver lets happen."""
        return actor.has(*self.makers) or super().may(actor)

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        payload, by = self.payload(request, obj, data, ""), actor_of(request)
        decides = queries.who_decides(self.operation, payload, by=by, at=_at(request))
        return [*queries.describe(self.operation, payload), decides]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        payload, by = self.payload(request, obj, data, key), actor_of(request)
        made = operations.propose(
            operation=self.operation,
            payload=payload,
            summary=queries.describe(self.operation, payload),
            party_id=by.own_party,
            by=by,
            at=_at(request),
        )
        return queries.what_came_of(made.approval is None)


class ProposedWrite(WriteView):
    """A machine's act that a person decides."""

    gives = AskedFor

    def values(self, asked: Mapping[str, Any], **path: UUID) -> Mapping[str, Any]:
        """The operation's arguments, from the address and the body.

        :raises NotFound: what the address names is not there, or not yours
        """
        raise NotImplementedError

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        payload = payload_of(self.values(asked, **path), key)
        made = operations.propose(
            operation=self.operation,
            payload=payload,
            summary=queries.describe(self.operation, payload),
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        if made.approval is None:
            return carried_out(self.operation, made.result or {})
        return waits_for_approval(made.approval)
