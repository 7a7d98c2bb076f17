"""For `verify_ledger`: commitments as their events tell them, and the newest state held anew."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby, islice

from ledger.audit import queries as audit
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.holds import queries as holds
from ledger.proofs.building import (
    Opened,
    by_place,
    leaves_of,
    opened_counted,
    opened_serials,
    rows_over,
    salt_of,
)
from ledger.proofs.growing import Grower
from ledger.proofs.models import Chunk, Commitment, HeldRange, Tree, TreeTile
from ledger.proofs.queries.standing import (
    Laid,
    book_of,
    chunks_of,
    content_of,
    latest_commitment,
    nodes_in,
    subject_of,
    trees_of,
)
from ledger.proofs.sumtree import PACKED_SIZE, StateProofRefused, shelf_levels, state_root
from ledger.units import queries as units
from ledger.units.queries import BookState, Stretch

EVENT_VERB = "state.committed"


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
    """The newest commitment: its trees lead to its root, their tiles and chunks to theirs, and the
    leaves are what the books say, all hashed anew.
    """
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
        yield from _faults_of_tiles(tree)
        yield from _faults_of_chunks(tree)
    yield from _strays()
    yield from _against_books(newest, trees)


def _strays() -> Iterator[Fault]:
    """Chunks that no tile has, and tiles of no tree whose lowest row is there."""
    used = {key for ids in TreeTile.objects.values_list("chunk_ids", flat=True) for key in ids}
    for key in Chunk.objects.exclude(pk__in=used).values_list("pk", flat=True):
        yield Fault("proofs.chunk", f"proofs.Chunk:{key}", "it stands in no tree")
    rooted = TreeTile.objects.filter(level=0).values("tree_id")
    for tile in TreeTile.objects.exclude(tree_id__in=rooted):
        yield Fault("proofs.tile", f"proofs.TreeTile:{tile.pk}", "its tree has no chunks")
    for one in HeldRange.objects.exclude(chunk_id__in=used):
        yield Fault("proofs.range", f"proofs.HeldRange:{one.pk}", "its chunk stands in no tree")


def _faults_of_tiles(tree: Tree) -> Iterator[Fault]:
    """The roots of the chunks lead to the root of the tree."""
    subject, told = f"proofs.Tree:{tree.pk}", dict[tuple[int, int], bytes]()
    grower = Grower(lambda tile: told.update({tile[:2]: tile[2]}))
    rows = TreeTile.objects.filter(tree_id=tree.pk)
    stored = {(one.level, one.position): bytes(one.nodes) for one in rows}
    try:
        for position in sorted(at for level, at in stored if level == 0):
            for node in nodes_in(stored[0, position]):
                grower.add(node)
        root = grower.finish().packed()
    except StateProofRefused as wrong:
        yield Fault("proofs.tile", subject, f"its tiles are no tree: {wrong}")
        return
    if root != bytes(tree.root) or stored != told or grower.leaf_count != tree.chunk_count:
        yield Fault("proofs.tile", subject, "its tiles lead to another root")


def _laid(tree: Tree) -> list[Laid]:
    """Nothing where tiles and chunks do not fit: that is named elsewhere."""
    with suppress(ValueError, KeyError):
        return chunks_of(tree)
    return []


def _faults_of_chunks(tree: Tree) -> Iterator[Fault]:
    """Each chunk leads to the root that its tile has of it, and has the ranges told of it."""
    laid = _laid(tree)
    if len(laid) != tree.chunk_count or sum(one.leaf_count for one in laid) != tree.range_count:
        yield Fault("proofs.chunk", f"proofs.Tree:{tree.pk}", "its chunks are not all there")
    at = iter(laid)
    while part := {one.id: one for one in islice(at, 100)}:
        for chunk in Chunk.objects.filter(pk__in=part):
            yield from _faults_of_chunk(chunk, part[chunk.pk], tree)


def _faults_of_chunk(chunk: Chunk, laid: Laid, tree: Tree) -> Iterator[Fault]:
    subject, packed = f"proofs.Chunk:{chunk.pk}", bytes(chunk.nodes)
    leaves = packed[: chunk.leaf_count * PACKED_SIZE]
    try:
        again, root = rows_over(list(nodes_in(leaves)))
    except StateProofRefused as wrong:
        yield Fault("proofs.chunk", subject, f"its nodes are no tree: {wrong}")
        return
    if again != packed or root != laid.root or chunk.book != tree.book:
        yield Fault("proofs.chunk", subject, "its nodes lead to another root")
    for one in HeldRange.objects.filter(chunk_id=chunk.pk):
        start = one.leaf_index * PACKED_SIZE
        there = leaves[start : start + PACKED_SIZE]
        if _leaf_of(chunk, one) != there or not one.pledgee.endswith(f"/{one.hold_id}"):
            yield Fault("proofs.range", f"proofs.HeldRange:{one.pk}", "not the leaf that is there")


def _leaf_of(chunk: Chunk, one: HeldRange) -> bytes:
    leaf = Opened(one.first, one.last, one.lot, one.account, one.state, one.pledgee, one.hold_id)
    try:
        return leaf.node(salt_of(bytes(chunk.secret), one.leaf_index)).packed()
    except StateProofRefused:
        return b""


# --- the books


def _against_books(newest: Commitment, trees: Sequence[Tree]) -> Iterator[Fault]:
    """Every chunk hashed anew from the books. What has moved on since the commitment is not held
    against it: another one follows within a minute.
    """
    differing = list[Fault]()
    states = {state.name: state for state in units.book_states()}
    for tree in trees:
        state, laid = states.pop(tree.book, None), _laid(tree)
        if state is None:
            differing.append(Fault("proofs.books", tree.book, "the books have no such book"))
        elif places := list(_differing(state, laid)):
            fault = Fault("proofs.books", tree.book, "the books say otherwise than was committed")
            if _is_as_marked(state, laid, places):
                yield fault
            else:
                differing.append(fault)
    differing += [Fault("proofs.books", name, "not committed to") for name in states]
    if differing:
        moved = _moved_since(newest)  # asked last: what moved meanwhile counts as moved
        yield from (fault for fault in differing if fault.subject not in moved)


def _moved_since(newest: Commitment) -> set[str]:
    snapshot, _plus, era = newest.snapshot.partition("+")
    moved = units.books_moved_since(snapshot, era=int(era or 0))
    if holds.has_changed_since(newest.made_at):  # a rank may be taken without a movement
        moved |= {state.name for state in units.book_states() if state.space_id is None}
    return moved


def _is_as_marked(state: BookState, laid: Sequence[Laid], places: Sequence[int]) -> bool:
    """Whether nothing moved in a chunk that differs, whatever else moved in its book."""
    if state.space_id is None:
        return False
    now = units.serial_marks(state, [one.root.first for one in laid])
    kept = [place for place in places if place < len(laid) and place in now]
    return any(now[place].mark == laid[place].mark for place in kept)


def _differing(state: BookState, laid: Sequence[Laid]) -> Iterator[int]:
    """The places of chunks whose leaves are not those of the books, and of what has no chunk."""
    seen = set[int]()
    parts = _serials(state, laid) if state.space_id is not None else _counted(state, laid)
    while group := list(islice(parts, 100)):
        chunks = Chunk.objects.in_bulk([laid[place].id for place, _ in group if place < len(laid)])
        for place, opened in group:
            seen.add(place)
            chunk = chunks.get(laid[place].id) if place < len(laid) else None
            if chunk is None or not _is_made_of(chunk, opened):
                yield place
    yield from sorted(set(range(len(laid))) - seen)


def _is_made_of(chunk: Chunk, opened: Iterable[Opened]) -> bool:
    try:
        leaves = leaves_of(opened, secret=bytes(chunk.secret))
    except StateProofRefused:
        return False
    there = bytes(chunk.nodes)[: chunk.leaf_count * PACKED_SIZE]
    return b"".join(leaf.packed() for leaf in leaves) == there


def _serials(state: BookState, laid: Sequence[Laid]) -> Iterator[tuple[int, list[Opened]]]:
    lows = [one.root.first for one in laid]

    def place_of(run: Stretch) -> int:
        return max(bisect_right(lows, run.first or 0) - 1, 0)

    for place, group in groupby(units.stretches_in(state), place_of):
        rows = list(group)
        held = holds.held_by({one.hold_id for one in rows if one.hold_id is not None})
        yield place, list(opened_serials(rows, held))


def _counted(state: BookState, laid: Sequence[Laid]) -> Iterator[tuple[int, list[Opened]]]:
    leaves = opened_counted(units.stretches_in(state), by_place(holds.held_counted()))
    for place, one in enumerate(laid):
        yield place, list(islice(leaves, one.leaf_count))
    if rest := list(leaves):
        yield len(laid), rest
