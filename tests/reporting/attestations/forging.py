"""Makers of forgeries: of the bytes, and of what stands in them by somebody with a stolen key."""

import base64
import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.audit import keys
from ledger.audit.notes import CheckpointText, VerifierKey, parse_note, sign_note
from reporting.packages.verifier.attestation import signed_text
from reporting.packages.verifier.forms import canonical
from tests.factories.attestations import signed_again

Document = dict[str, Any]
Change = Callable[[Document, Document, Random], None]


def flipped(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]


def cut(raw: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(raw))
    return raw[:start] + raw[start + 1 + chance.randrange(40) :]


def spaced(raw: bytes, chance: Random) -> bytes:
    """The same data in another form."""
    return json.dumps(json.loads(raw), indent=chance.randrange(1, 4)).encode()


def _range(document: Document, chance: Random) -> Document:
    found: Document = chance.choice(document["proofs"]["state"]["ranges"])
    return found


def swap_leaves(mine: Document, theirs: Document, chance: Random) -> None:
    ours, others = mine["proofs"]["state"]["ranges"], theirs["proofs"]["state"]["ranges"]
    ours[0]["salt"], others[0]["salt"] = others[0]["salt"], ours[0]["salt"]


def forge_sum(mine: Document, theirs: Document, chance: Random) -> None:
    state, more = mine["proofs"]["state"], chance.randrange(1, 1000)
    state["issued_units"] += more
    state["book_root"][2] += more
    mine["statement"]["issued_units"] += more


def widen_range(mine: Document, theirs: Document, chance: Random) -> None:
    """Over what belongs to somebody else: an overlap."""
    told, more = _range(mine, chance), chance.randrange(1, 200)
    told["last"] += more
    _state_what_the_ranges_say(mine)


def double_range(mine: Document, theirs: Document, chance: Random) -> None:
    told = mine["proofs"]["state"]["ranges"]
    told.append(copy.deepcopy(chance.choice(told)))
    _state_what_the_ranges_say(mine)


def _state_what_the_ranges_say(document: Document) -> None:
    ranges = document["proofs"]["state"]["ranges"]
    document["statement"]["ranges"] = [[one["first"], one["last"]] for one in ranges]
    count = sum(one["last"] - one["first"] + 1 for one in ranges)
    document["statement"]["pledge"]["controlled_count"] = count


def bend_path(mine: Document, theirs: Document, chance: Random) -> None:
    """A neighbour with other bounds, another sum, on the other side, or not there at all."""
    path = _range(mine, chance)["path"]
    step, which = chance.choice(path), chance.randrange(5)
    if which == 4:
        path.remove(step)
    elif which == 0:
        step[0] = "L" if step[0] == "R" else "R"
    else:
        step[which] += chance.randrange(1, 9)


def take_their_pledge(mine: Document, theirs: Document, chance: Random) -> None:
    """Replay of what proves another pledge."""
    part = chance.choice(["pledge", "state", "commitment"])
    same = mine["proofs"][part] == theirs["proofs"][part]
    mine["proofs"]["state" if same else part] = theirs["proofs"]["state" if same else part]


def name_another_pledge(mine: Document, theirs: Document, chance: Random) -> None:
    name = chance.choice(["id", "creditor_id", "lot_id", "unit_count", "account_id", "lot"])
    other = theirs["statement"]["pledge"][name]
    mine["statement"]["pledge"][name] = other if name != "unit_count" else other + 7


def stale_checkpoint(mine: Document, theirs: Document, chance: Random) -> None:
    """The checkpoint of an earlier log, everywhere or in one place."""
    old = theirs["statement"]["checkpoint"]
    if chance.random() < 0.5:
        mine["proofs"][chance.choice(["pledge", "commitment"])]["checkpoint"] = old
        return
    mine["statement"]["checkpoint"] = old
    for part in ("pledge", "commitment"):
        mine["proofs"][part]["checkpoint"] = old


def rewrite_body(mine: Document, theirs: Document, chance: Random) -> None:
    proof = mine["proofs"][chance.choice(["pledge", "commitment"])]
    body = json.loads(proof["body"])
    body["data"]["row"]["unit_count"] = chance.randrange(10**6)
    body["reason"] = str(chance.random())
    proof["body"] = json.dumps(body, sort_keys=True, separators=(",", ":"))


def move_leaf(mine: Document, theirs: Document, chance: Random) -> None:
    proof = mine["proofs"][chance.choice(["pledge", "commitment"])]
    proof["leaf_index"] += chance.choice([-1, 1]) * chance.randrange(1, 4)


def bend_log_path(mine: Document, theirs: Document, chance: Random) -> None:
    path = mine["proofs"][chance.choice(["pledge", "commitment"])]["path"]
    at = chance.randrange(len(path))
    path[at] = base64.b64encode(chance.randbytes(32)).decode()


def forget_history(mine: Document, theirs: Document, chance: Random) -> None:
    """The way from the former attestation bent, cut, or dropped on one side."""
    proof, which = mine["proofs"]["consistency"], chance.randrange(3)
    if which == 0:
        mine["statement"]["supersedes"] = None
    elif which == 1:
        mine["proofs"]["consistency"] = None
    else:
        proof["path"] = [base64.b64encode(chance.randbytes(32)).decode() for _ in proof["path"]]


def split_view(mine: Document, theirs: Document, chance: Random) -> None:
    """Another log of the same size, signed with the stolen key."""
    old = CheckpointText.parse(parse_note(mine["statement"]["checkpoint"]).text)
    other = replace(old, root=chance.randbytes(32))
    note = sign_note(str(other), [keys.key_store().signer(keys.CHECKPOINT_KEY)])
    mine["statement"]["checkpoint"] = note
    for part in ("pledge", "commitment"):
        mine["proofs"][part]["checkpoint"] = note
    mine["proofs"]["consistency"]["checkpoint2"] = note


def sign_with_own_key(mine: Document, theirs: Document, chance: Random) -> None:
    """The ledger's name, but the forger's key; under the document, the checkpoint, or both."""
    name = keys.key_store().signer(keys.CHECKPOINT_KEY).verifier.name
    private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    forger = keys.FileSigner(
        VerifierKey(name=name, public_key=private.public_key().public_bytes_raw()), private
    )
    if chance.random() < 0.5:
        note = sign_note(parse_note(mine["statement"]["checkpoint"]).text, [forger])
        mine["statement"]["checkpoint"] = note
        for part in ("pledge", "commitment"):
            mine["proofs"][part]["checkpoint"] = note
    mine["signature"] = sign_note(signed_text(name, mine), [forger])


CHANGES: tuple[Change, ...] = (
    swap_leaves,
    forge_sum,
    widen_range,
    double_range,
    bend_path,
    take_their_pledge,
    name_another_pledge,
    stale_checkpoint,
    rewrite_body,
    move_leaf,
    bend_log_path,
    forget_history,
    split_view,
)


def forgeries(mine: bytes, theirs: bytes, *, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Name and bytes: a quarter of each kind of hand."""
    chance = Random(seed)  # noqa: S311  a test's dice
    for number in range(count):
        change = CHANGES[number // 4 % len(CHANGES)]
        match number % 4:
            case 0:
                how = chance.choice([flipped, flipped, flipped, cut, spaced])
                yield how.__name__, how(mine, chance)
            case 1:
                changed = _changed(change, mine, theirs, chance)
                yield f"{change.__name__} unsigned", canonical(changed)
            case 2:
                changed = _changed(change, mine, theirs, chance)
                yield f"{change.__name__} signed with the stolen key", signed_again(changed)
            case _:
                changed = _changed(sign_with_own_key, mine, theirs, chance)
                yield "signed with another key", canonical(changed)


def forged_prints(
    pdf: bytes, other: bytes, *, count: int, seed: int
) -> Iterator[tuple[str, bytes]]:
    """Of a signed PDF: flips anywhere, digits of its signature, tails, halves of another."""
    chance = Random(seed)  # noqa: S311  a test's dice
    hole = pdf.index(b"/Contents <") + len(b"/Contents <")
    signed = len(pdf[hole : pdf.index(b">", hole)].rstrip(b"0")) + 8
    apart = next(n for n, (a, b) in enumerate(zip(pdf, other, strict=False)) if a != b) + 1
    for number in range(count):
        at = chance.randrange(len(pdf))
        match number % 8:
            case 7:
                yield "something appended", pdf + chance.randbytes(1 + chance.randrange(40))
            case 6:
                yield "cut off", pdf[: -1 - chance.randrange(2000)]
            case 5:
                mixed = chance.randrange(apart, hole)
                yield "two prints mixed", pdf[:mixed] + other[mixed:]
            case 4 | 3 | 2:
                digits = b"0123456789ABCDEF".replace(pdf[(digit := hole + at % signed) :][:1], b"")
                forged = chance.choice(digits)
                yield "another digit", pdf[:digit] + bytes([forged]) + pdf[digit + 1 :]
            case _:
                bit = 1 << chance.randrange(8)
                yield "flipped", pdf[:at] + bytes([pdf[at] ^ bit]) + pdf[at + 1 :]


def _changed(change: Change, mine: bytes, theirs: bytes, chance: Random) -> Document:
    ours: Document = json.loads(mine)
    change(ours, json.loads(theirs), chance)
    return ours
