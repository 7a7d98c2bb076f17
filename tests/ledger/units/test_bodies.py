"""The body written out by hand and the careful encoder of the kernel agree on every byte."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json
from ledger.units.operations import Draft, Leg
from ledger.units.operations.bodies import Stamp, compose
from ledger.units.states import UnitState as S
from tests.factories.units import DAY, MANAGER, NOON

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
keys = st.text(min_size=1, max_size=40).filter(str.isprintable)
ids = st.uuids()
abouts = st.dictionaries(texts, texts | st.integers() | st.none() | ids, max_size=3)


@st.composite
def legs(draw: st.DrawFn) -> Leg:
    count = draw(st.integers(1, 10**19).filter(lambda n: n < 2**63))
    first = draw(st.none() | st.integers(0, 2**62))
    hold, to_hold = draw(st.none() | ids), draw(st.none() | ids)
    sides = [(S.FREE, S.PLEDGED), (S.PLEDGED, S.FREE), (S.PLEDGED, S.FROZEN), (S.FREE, S.FREE)]
    source, target = draw(st.sampled_from(sides))
    last = None if first is None else first + count - 1
    most = draw(st.none() | st.integers(0, 9))
    return Leg(
        draw(ids), draw(ids), source, draw(ids), target, count, first, last, hold, to_hold, most
    )


def carefully(draft: Draft, by: Actor, event: str) -> bytes:
    """What the body is, said as data."""
    asked: dict[str, Any] = {
        "kind": draft.kind,
        "happened_on": draft.happened_on,
        "legs": [leg.as_data() for leg in draft.legs],
        "reverses": draft.reverses,
        "approval": draft.approval_id,
    }
    request = {**asked, "subject": draft.subject, "data": draft.data, "reason": draft.reason}
    if draft.asked is not None:
        request = {"kind": draft.kind, "asked": draft.asked}
    return canonical_json(
        {
            "v": 1,
            "event": event,
            "verb": "units.transferred",
            "subject": draft.subject or f"units.Entry:{event}",
            "actor": by.user_id,
            "party": by.party_id,
            "at": NOON,
            "reason": draft.reason,
            "data": {
                **asked,
                "about": draft.data,
                "key": f"{by.party_id or 'system'}:{draft.idempotency_key}",
                "request": sha256(canonical_json(request)).hexdigest(),
            },
        }
    )


@given(
    draft=st.builds(
        Draft,
        kind=st.just("TRANSFER"),
        legs=st.lists(legs(), min_size=1, max_size=3),
        happened_on=st.just(DAY),
        idempotency_key=keys,
        subject=texts,
        data=abouts,
        reason=texts,
        approval_id=st.none() | ids,
        asked=st.none() | abouts,
    ),
    by=st.sampled_from([MANAGER, Actor(UUID(int=7))]),
)
def test_the_body_is_the_canonical_form_of_what_it_says(draft: Draft, by: Actor) -> None:
    body = compose(draft, Stamp.of(by, NOON))
    assert body == carefully(draft, by, json.loads(body)["event"])
    assert json.loads(body)["data"]["request"] == sha256(draft.request()).hexdigest()
