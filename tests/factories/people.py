"""People and parties for tests, made the way the product makes them."""

from datetime import UTC, date, datetime
from itertools import count

from ledger.jobs.models import OutboxMessage
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.parties import operations, queries, tasks
from ledger.parties.models import Membership, Party, User

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Beijing
TODAY = date(2026, 3, 2)
PASSWORD = "correct horse battery 42"
TOTP_KEY = "3132333435363738393031323334353637383930"  # the key of RFC 6238's examples

_number = count(1)


def make_party(*, kind: str = "PARK_OPERATOR", name_zh: str = "梅山园区", **more: str) -> Party:
    return operations.register_party(kind=kind, name_zh=name_zh, by=SYSTEM, at=NOON, **more)


def make_user(*, name: str = "陈安", email: str = "", totp: bool = False, **more: str) -> User:
    return operations.set_up_user(
        email=email or f"user{next(_number)}@example.cn",
        name=name,
        password=PASSWORD,
        totp_key=TOTP_KEY if totp else "",
        by=SYSTEM,
        at=NOON,
        **more,
    )


def give(user: User, party: Party, role: str, *, valid_from: date = date(2026, 1, 1)) -> Membership:
    return operations.grant_role(
        user_id=user.id, party_id=party.id, role=role, valid_from=valid_from, by=SYSTEM, at=NOON
    )


def make_actor(role: str, *, party: Party | None = None, name: str = "陈安") -> Actor:
    """A real person with one role at a party of the fitting kind."""
    kind = {"BANK_OFFICER": "BANK", "VERIFIER": "VERIFIER"}.get(role, "PARK_OPERATOR")
    party = party or make_party(kind=kind)
    user = make_user(name=name, totp=Role(role) in {Role.APPROVER, Role.ADMINISTRATOR})
    give(user, party, role)
    return queries.actor_for(user.id, party.id, TODAY)


def deliver() -> None:
    """Run the mails that wait in the outbox, as a worker would."""
    for message in OutboxMessage.objects.filter(task="parties.mail_link"):
        tasks.mail_link(**message.args)
