"""Readings held against the log: files as told, pieces as the files say, days and months follow."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from ledger.audit import queries as audit
from ledger.audit.merkle import root_of
from ledger.kernel.errors import NotFound
from reporting.parks import queries as parks
from reporting.readings import models, rules
from reporting.readings.rules import Change, Figures, Key, State, Told

UPLOAD_VERBS = ("readings.uploaded", "readings.taken", "readings.refused")
AT_A_TIME = 2_000


def root_over(leaves: Iterable[bytes]) -> str:
    """The Merkle root (RFC 9162) of a month, over the leaves of its days in order."""
    return root_of([bytes(leaf) for leaf in leaves]).hex()


def check_rows() -> Iterator[audit.Fault]:
    """Files are as the log says, pieces as the files' digests say, days and months follow."""
    rows = parks.sealed_rows(models.Upload, "readings")
    yield from audit.compare_rows_with_events(
        ((subject, _told(facts)) for subject, facts in rows),
        kind="readings.Upload",
        verbs=UPLOAD_VERBS,
    )
    yield from _pieces_match_files()
    yield from _days_follow()
    yield from _months_follow()


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    """A file's name may be a person's: the log does not keep it."""
    return {name: value for name, value in facts.items() if name != "file_name"}


def event_row(upload: models.Upload) -> dict[str, Any]:
    return _told(parks.row_facts(upload))


def _pieces_match_files() -> Iterator[audit.Fault]:
    told = dict(models.Upload.objects.values_list("pk", "pieces_digest"))
    rows = models.Piece.objects.order_by("upload_id", "meter_id", "day", "version")
    for upload_id, pieces in groupby(rows.iterator(AT_A_TIME), key=lambda row: row.upload_id):
        hashes = [
            rules.piece_hash(
                row.version,
                rules.body_of(
                    row.meter_id, row.day, row.step_minutes, row.values_millionths, row.marks
                ),
            )
            for row in pieces
        ]
        subject = f"readings.Upload:{upload_id}"
        if told.pop(upload_id, None) != rules.pieces_digest(hashes):
            yield audit.Fault("readings.Piece", subject, "its readings differ from their digest")
    for upload_id, digest in told.items():
        if digest and digest != rules.pieces_digest([]):
            subject = f"readings.Upload:{upload_id}"
            yield audit.Fault("readings.Piece", subject, "its readings are gone")


def _days_follow() -> Iterator[audit.Fault]:
    """Each day, made again from its pieces; and no day beside."""
    pieces = models.Piece.objects.order_by("meter_id", "day", "version").iterator(AT_A_TIME)
    stored = models.Day.objects.order_by("meter_id", "day").iterator(AT_A_TIME)
    left: dict[Key, models.Day] = {}  # days whose pieces are still to come
    last: Key | None = None
    for key, some in groupby(pieces, key=lambda row: (row.meter_id, row.day)):
        wanted = _day_from(key, list(some))
        while (last is None or last < key) and (row := next(stored, None)) is not None:
            last = row.meter_id, row.day
            left[last] = row
        found = left.pop(key, None)
        if found is None or _day_facts(found) != wanted:
            yield audit.Fault("readings.Day", _day_name(key), "does not follow from its readings")
    for row in stored:
        left[row.meter_id, row.day] = row
    for key in left:
        yield audit.Fault("readings.Day", _day_name(key), "no reading tells of it")


def _day_name(key: Key) -> str:
    return f"readings.Day:{key[0]}/{key[1]}"


def change_by(before: State | None, piece: models.Piece) -> Change:
    """What one stored piece does to a day."""
    values = rules.as_array(piece.values_millionths)
    told = Told(piece.meter_id, piece.day, piece.step_minutes, values, piece.marks)
    return rules.overlay(before, told)


def _day_from(key: Key, pieces: list[models.Piece]) -> tuple[Any, ...]:
    state: State | None = None
    for piece in pieces:
        state = change_by(state, piece).state
    if state is None:
        raise NotFound
    return _facts(state, rules.figures_of(key[0], key[1], state))


def _facts(state: State, figures: Figures) -> tuple[Any, ...]:
    return (
        state.version, state.step, state.values, state.marks, figures.hours, figures.total,
        figures.told_count, figures.estimated_count, figures.leaf,
    )  # fmt: skip


def _day_facts(row: models.Day) -> tuple[Any, ...]:
    return (
        row.version, row.step_minutes, tuple(row.values_millionths), row.marks,
        tuple(row.hours_millionths), row.total_millionths, row.told_count, row.estimated_count,
        bytes(row.leaf),
    )  # fmt: skip


def _months_follow() -> Iterator[audit.Fault]:
    """Each month, made again from its days and its meter."""
    parks_of = parks.parks_of_meters()
    known = {(row.meter_id, row.month): row for row in models.Month.objects.all()}
    days = models.Day.objects.order_by("meter_id", "day").defer(
        "values_millionths", "hours_millionths", "marks"
    )
    for (meter_id, month), some in groupby(
        days.iterator(AT_A_TIME), key=lambda row: (row.meter_id, rules.month_of(row.day))
    ):
        row = known.pop((meter_id, month), None)
        name = f"readings.Month:{meter_id}/{month:%Y-%m}"
        if row is None or not _month_holds(row, list(some), parks_of):
            yield audit.Fault("readings.Month", name, "does not follow from its days")
    for row in known.values():
        if row.told_count or row.root:
            yield audit.Fault("readings.Month", f"readings.Month:{row.pk}", "it has no days")


def _month_holds(row: models.Month, days: list[models.Day], parks_of: dict[UUID, UUID]) -> bool:
    return (
        row.total_millionths == sum(day.total_millionths for day in days)
        and row.day_count == len(days)
        and row.told_count == sum(day.told_count for day in days)
        and row.estimated_count == sum(day.estimated_count for day in days)
        and row.corrected_count == sum(1 for day in days if day.version > 1)
        and row.park_id == parks_of.get(row.meter_id)
        and row.root == root_over(bytes(day.leaf) for day in days)
    )
