"""An idempotency key that no column holds is refused by name, wherever it comes from."""

from uuid import UUID

import pytest

from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.keys import LONGEST_TOLD, KeyUnfit, check_told, key_of

ONE, OTHER = (Actor(user_id=UUID(int=9), party_id=UUID(int=n)) for n in (1, 2))


def test_keys_of_two_parties_and_the_machine_never_meet():
    assert len({key_of(by, "k") for by in (ONE, OTHER, SYSTEM)}) == 3


def test_the_longest_key_fits_its_column_with_its_party():
    kept = key_of(ONE, "键" * LONGEST_TOLD)
    assert len(kept) == 237
    assert kept.startswith(str(ONE.party_id))


@pytest.mark.parametrize("key", ["", "k" * (LONGEST_TOLD + 1), "a\x00b", "line\nbreak"])
def test_a_key_that_cannot_be_kept_is_refused_by_name(key):
    with pytest.raises(KeyUnfit, match="idempotency_key takes 1 to 200 printable"):
        check_told(key)
    with pytest.raises(KeyUnfit):
        key_of(ONE, key)
