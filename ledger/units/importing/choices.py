"""What the uploader may choose, and whether a second person decides."""

from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.accounts.states import AccountState
from ledger.imports.operations import SchemeChoice
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor

RECEIVING = ("HOLDING", "TRADING", "PROJECT", "GENERATOR")


def accounts_to_choose(by: Actor) -> list[tuple[str, str]]:
    """The party's open accounts that can hold units, by registry and number."""
    own = accounts.accounts_of(by.own_party).filter(state=AccountState.OPEN, type__in=RECEIVING)
    return [(str(one.pk), f"{one.registry_id} {one.number}") for one in own]


def needs_approval(import_id: UUID, by: Actor) -> bool:
    """Units come into the books: always four eyes, unless a machine asks."""
    return not by.is_machine


def schemes_to_choose() -> list[SchemeChoice]:
    """Every scheme, by its name in the reader's language."""
    return [
        SchemeChoice(one.code, f"{one.code} · {one}", one.registry_id, one.measure)
        for one in instruments.schemes()
    ]
