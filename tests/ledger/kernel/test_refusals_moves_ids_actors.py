"""The small shared words: refusals, tables of moves, identifiers, actors."""

from uuid import UUID

import pytest

from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import DomainError, IllegalTransition, NotAllowed, NotFound
from ledger.kernel.ids import new_id, new_id_text
from ledger.kernel.transitions import allows, check_transition

MOVES = {"OPEN": frozenset({"CLOSED", "LOST"}), "CLOSED": frozenset(), "LOST": frozenset({"OPEN"})}


class TooMany(DomainError):
    code = "too_many"
    message = "%(wanted)s wanted, %(free)s free."


def test_a_refusal_says_its_sentence_with_its_numbers():
    error = TooMany("lot 7", wanted=41, free=40)
    assert str(error) == "41 wanted, 40 free. (lot 7)"
    assert error.params == {"wanted": 41, "free": 40}
    assert error.message % error.params == "41 wanted, 40 free."


def test_the_shared_refusals_have_codes_of_their_own():
    codes = {kind.code for kind in (DomainError, NotAllowed, NotFound, IllegalTransition)}
    assert codes == {"refused", "not_allowed", "not_found", "illegal_transition"}


@pytest.mark.parametrize("old", [*MOVES, "NOWHERE"])
@pytest.mark.parametrize("new", [*MOVES, "NOWHERE"])
def test_every_pair_of_states_follows_the_table(old, new):
    legal = new in MOVES.get(old, ())
    assert allows(check_transition, MOVES, old, new) is legal
    if not legal:
        with pytest.raises(IllegalTransition, match=f"From {old} there is no move to {new}"):
            check_transition(MOVES, old, new)


def test_allows_hides_no_other_error():
    with pytest.raises(ZeroDivisionError):
        allows(lambda: 1 / 0)


@pytest.mark.parametrize("make", [new_id, lambda: UUID(new_id_text())])
def test_identifiers_are_uuid7_sorted_by_time_and_never_twice(make):
    made = [make() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}
    moments = [one.int >> 80 for one in made]
    assert moments == sorted(moments)
    assert len({one.int & (1 << 62) - 1 for one in made}) > 1990


def test_the_text_of_an_id_is_written_as_the_id_itself_would_be():
    assert all(str(UUID(text)) == text for text in (new_id_text() for _ in range(2000)))


def test_a_machine_is_an_actor_and_a_person_has_her_roles():
    person = Actor(user_id=new_id(), party_id=new_id(), roles=frozenset({Role.APPROVER}))
    assert SYSTEM.is_machine
    assert not person.is_machine
    assert person.has(Role.AUDITOR, Role.APPROVER)
    assert not person.has(Role.AUDITOR)


def test_an_actor_without_a_party_owns_nothing():
    assert isinstance(Actor(user_id=new_id(), party_id=UUID(int=1)).own_party, UUID)
    with pytest.raises(NotAllowed):
        _ = SYSTEM.own_party
