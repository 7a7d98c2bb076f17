"""Proofs of the state, cut from the trees of the newest commitment; and the check of all of it."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.audit import queries as audit
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.kernel.errors import N_, DomainError
from ledger.proofs.building import Opened, salt_of
from ledger.proofs.growing import TILE_WIDTH, Grower
from ledger.proofs.models import Commitment, HeldRange, Tree, TreeTile
from ledger.proofs.sumtree import (
    FIELDS,
    PACKED_SIZE,
    Book,
    Node,
    Spine,
    StateProofRefused,
    Step,
    document,
    shelf_levels,
    siblings,
    state_root,
)

EVENT_VERB = "state.committed"
# our own key, what the event cannot tell of itself, and what it is known by
UNTOLD = frozenset({"event_id"})


class NoStateProof(DomainError):
    code = "no_state_proof"
    message = N_("The ledger has not yet committed to a state that has this hold in it.")


def subject_of(row: Commitment) -> str:
    return f"proofs.Commitment:{row.pk}"


def content_of(row: Commitment) -> dict[str, Any]:
    """What the event tells of a commitment."""
    told = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in UNTOLD
    }
    return {
        **told,
        "root": bytes(row.root).hex(),
        "tree_ids": [str(one) for one in row.tree_ids],
    }


def commitments() -> Any:
    return Commitment.objects.all()


def latest_commitment() -> Commitment | None:
    return Commitment.objects.order_by("-made_at", "-pk").first()


def book_of(tree: Tree) -> Book:
    return Book(tree.book, tree.issued_units, Node.unpacked(bytes(tree.root)))


def trees_of(commitment: Commitment) -> list[Tree]:
    """In the order of the shelf."""
    found = Tree.objects.in_bulk(commitment.tree_ids)
    return [found[one] for one in commitment.tree_ids]


@lru_cache(maxsize=4)
def _shelf(commitment_id: UUID) -> tuple[dict[UUID, int], list[list[Spine]]]:
    """Append-only rows: what was read once stays true."""
    trees = trees_of(Commitment.objects.get(pk=commitment_id))
    rows = list(shelf_levels([book_of(tree).spine() for tree in trees]))
    return {tree.pk: index for index, tree in enumerate(trees)}, rows


def get_state_proof(hold_id: UUID, *, under: audit.Shown | None = None) -> dict[str, Any]:
    """The ranges of one hold in the newest committed state, and the event that tells its root.

    `{"state": a document for sumtree.check_document, "commitment": an inclusion proof}`, under the
    given checkpoint or the latest.

    :raises NoStateProof: the hold is in no committed state yet, or no more
    :raises NotSealedYet: no checkpoint covers the commitment yet
    """
    return get_state_proofs([hold_id], under=under)[hold_id]


def get_state_proofs(
    hold_ids: Collection[UUID], *, under: audit.Shown | None = None
) -> dict[UUID, dict[str, Any]]:
    """The same of many holds, with as few questions as of one for each of their books.

    :raises NoStateProof: one is in no committed state yet, or no more
    :raises NotSealedYet: no checkpoint covers the commitment yet
    """
    newest = latest_commitment()
    if newest is None:
        raise NoStateProof
    found = HeldRange.objects.filter(hold_id__in=hold_ids, tree_id__in=newest.tree_ids)
    ranges = defaultdict[UUID, list[HeldRange]](list)
    for one in found.order_by("leaf_index"):
        ranges[one.hold_id].append(one)
    if len(ranges) != len(set(hold_ids)):
        raise NoStateProof
    commitment = audit.get_inclusion_proof(newest.event_id, under=under)
    documents = _documents(newest, ranges)
    return {
        hold_id: {"state": documents[hold_id], "commitment": commitment} for hold_id in hold_ids
    }


def _documents(
    newest: Commitment, ranges: Mapping[UUID, Sequence[HeldRange]]
) -> dict[UUID, dict[str, Any]]:
    places, shelf = _shelf(newest.pk)
    trees = Tree.objects.in_bulk({told[0].tree_id for told in ranges.values()})
    nodes = {tree.pk: _nodes(tree.pk, _wanted(tree, ranges.values())) for tree in trees.values()}
    made = {}
    for hold_id, told in ranges.items():
        tree = trees[told[0].tree_id]
        made[hold_id] = document(
            book=book_of(tree),
            ranges=_opened_ranges(tree, told, nodes[tree.pk]),
            shelf=[
                (shelf[level][position], is_left)
                for level, position, is_left in siblings(places[tree.pk], len(shelf[0]))
            ],
            book_count=newest.book_count,
        )
    return made


def _wanted(tree: Tree, ranges: Iterable[Sequence[HeldRange]]) -> set[tuple[int, int]]:
    """The neighbours on the ways of all ranges of a book."""
    return {
        (level, at)
        for told in ranges
        for one in told
        if one.tree_id == tree.pk
        for level, at, _is_left in siblings(one.leaf_index, tree.range_count)
    }


def _opened_ranges(
    tree: Tree, ranges: Sequence[HeldRange], nodes: Mapping[tuple[int, int], Node]
) -> list[dict[str, Any]]:
    return [
        {
            "first": one.first,
            "last": one.last,
            "salt": salt_of(bytes(tree.secret), one.leaf_index),
            "path": [
                Step(nodes[level, at], left)
                for level, at, left in siblings(one.leaf_index, tree.range_count)
            ],
            **{name: getattr(one, name) for name in FIELDS},
        }
        for one in ranges
    ]


NODES = """
SELECT wanted.level, wanted.at, substr(t.nodes, (wanted.at %% %(width)s) * %(size)s + 1, %(size)s)
FROM unnest(%(levels)s::int[], %(places)s::int[]) AS wanted(level, at)
JOIN ledger_proofs_treetile t
  ON t.tree_id = %(tree)s AND t.level = wanted.level AND t.position = wanted.at / %(width)s
"""


def _nodes(tree_id: UUID, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Node]:
    pairs = sorted(wanted)
    asked: dict[str, Any] = {
        "tree": tree_id,
        "levels": [level for level, _ in pairs],
        "places": [at for _, at in pairs],
        "width": TILE_WIDTH,
        "size": PACKED_SIZE,
    }
    with connection.cursor() as cursor:
        cursor.execute(NODES, asked)
        return {(level, at): Node.unpacked(bytes(told)) for level, at, told in cursor.fetchall()}


# --- for `verify_ledger`


def check_commitments() -> Iterator[Fault]:
    """Every commitment as its event tells it."""
    rows = Commitment.objects.order_by("pk").iterator()
    yield from compare_rows_with_events(
        ((subject_of(row), content_of(row)) for row in rows),
        kind="proofs.commitment",
        verbs=[EVENT_VERB],
    )
    for row in Commitment.objects.order_by("pk").iterator():
        event = audit.find_event(row.event_id)
        if event is None or event.subject != subject_of(row):
            yield Fault("proofs.commitment", subject_of(row), "another event tells of it")


def check_trees() -> Iterator[Fault]:
    """The newest commitment: its trees lead to its root, their tiles to theirs, all held anew."""
    newest = latest_commitment()
    if newest is None:
        return
    try:
        trees = trees_of(newest)
        spines = [book_of(tree).spine() for tree in trees]
        top = list(shelf_levels(spines))[-1][0] if spines else None
        if state_root(top, book_count=len(spines)) != bytes(newest.root):
            yield Fault("proofs.tree", subject_of(newest), "its trees lead to another root")
    except (StateProofRefused, KeyError) as wrong:
        yield Fault("proofs.tree", subject_of(newest), f"its trees do not stand: {wrong}")
        return
    for tree in trees:
        yield from _faults_of(tree)
    rooted = TreeTile.objects.filter(level=0).values("tree_id")
    for one in HeldRange.objects.exclude(tree_id__in=rooted):
        yield Fault("proofs.range", f"proofs.HeldRange:{one.pk}", "its tree has no leaves")


def _faults_of(tree: Tree) -> Iterator[Fault]:
    subject, told = f"proofs.Tree:{tree.pk}", dict[tuple[int, int], bytes]()
    grower = Grower(lambda tile: told.update({tile[:2]: tile[2]}))
    stored = {
        (one.level, one.position): bytes(one.nodes)
        for one in TreeTile.objects.filter(tree_id=tree.pk)
    }
    try:
        for position in sorted(at for level, at in stored if level == 0):
            nodes = stored[0, position]
            for start in range(0, len(nodes), PACKED_SIZE):
                grower.add(Node.unpacked(nodes[start : start + PACKED_SIZE]))
        root = grower.finish().packed()
    except StateProofRefused as wrong:
        yield Fault("proofs.tile", subject, f"its tiles are no tree: {wrong}")
        return
    if root != bytes(tree.root) or stored != told or grower.leaf_count != tree.range_count:
        yield Fault("proofs.tile", subject, "its tiles lead to another root")
    yield from _faults_of_ranges(tree, told)


def _faults_of_ranges(tree: Tree, tiles: dict[tuple[int, int], bytes]) -> Iterator[Fault]:
    """Every opened range is the leaf that stands there."""
    for one in HeldRange.objects.filter(tree_id=tree.pk).iterator():
        start = one.leaf_index % TILE_WIDTH * PACKED_SIZE
        node = tiles.get((0, one.leaf_index // TILE_WIDTH), b"")[start : start + PACKED_SIZE]
        if _leaf_of(tree, one) != node or not one.pledgee.endswith(f"/{one.hold_id}"):
            yield Fault("proofs.range", f"proofs.HeldRange:{one.pk}", "not the leaf that is there")


def _leaf_of(tree: Tree, one: HeldRange) -> bytes:
    leaf = Opened(one.first, one.last, one.lot, one.account, one.state, one.pledgee, one.hold_id)
    try:
        return leaf.node(salt_of(bytes(tree.secret), one.leaf_index)).packed()
    except StateProofRefused:
        return b""


def told_root(commitment_event: str) -> bytes:
    """The root that the body of a commitment's event tells."""
    return bytes.fromhex(json.loads(commitment_event)["data"]["row"]["root"])
