"""The quick encoder of a posting and the careful one of the kernel agree on every byte."""

import json
from hashlib import sha256
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.canonical import LARGEST_WHOLE, canonical_json
from ledger.units.operations import Draft, Leg
from ledger.units.operations.posting import compose
from ledger.units.states import UnitState as S
from tests.factories.units import DAY, MANAGER, NOON

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ids = st.uuids()


@st.composite
def legs(draw: st.DrawFn) -> Leg:
    count = draw(st.integers(1, 10**19).filter(lambda n: n < 2**63))
    first = draw(st.none() | st.integers(0, 2**62))
    hold = draw(st.none() | ids)
    source, target = draw(st.sampled_from([(S.FREE, S.PLEDGED), (S.PLEDGED, S.FREE)]))
    last = None if first is None else first + count - 1
    return Leg(draw(ids), draw(ids), source, draw(ids), target, count, first, last, hold)


@given(legs=st.lists(legs(), min_size=1, max_size=3), subject=texts, reason=texts, key=texts)
def test_quick_and_careful_bytes_are_the_same(
    legs: list[Leg], subject: str, reason: str, key: str
) -> None:
    draft = Draft("TRANSFER", legs, DAY, key, subject, {}, reason, UUID(int=5))
    body = compose(draft, by=MANAGER, at=NOON)
    said = json.loads(body)
    assert body == canonical_json(said)
    assert said["data"]["request"] == sha256(draft.request()).hexdigest()
    assert draft.is_plain is all(
        max(leg.unit_count, leg.last_serial or 0) <= LARGEST_WHOLE for leg in legs
    )
