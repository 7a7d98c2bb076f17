"""What the uploader may choose."""

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


def outside_to_choose(by: Actor) -> list[tuple[str, str]]:
    """Accounts whose books are not ours: whoever gives or takes in a registry's file may be one."""
    found = accounts.accounts().filter(
        state=AccountState.OPEN, type="OUTSIDE", holder_id=by.own_party
    )
    return [(str(one.pk), f"{one.registry_id} {one.number}") for one in found]


def schemes_to_choose() -> list[SchemeChoice]:
    """Every scheme, by its name in the reader's language."""
    return [
        SchemeChoice(one.code, str(one), one.registry_id, one.measure, (one.name_zh, one.name_en))
        for one in instruments.schemes()
    ]
