"""Days on their way from a file to the tables: by COPY into a table of the transaction's own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from django.db import connection

from reporting.readings import queries, rules
from reporting.readings.rules import Change, Key, State, Told

AT_A_TIME = 2_000  # days of meters


@dataclass(slots=True)
class Tally:
    """What a file comes to, counted while it is staged; the hash of each piece, in order."""

    new_count: int = 0
    corrected_count: int = 0
    same_count: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def add(self, change: Change) -> None:
        self.new_count += change.new_count
        self.corrected_count += change.corrected_count
        self.same_count += change.same_count


_STAGE = """
CREATE TEMP TABLE reading_staged (
    meter_id uuid, day date, version int, step_minutes smallint, told bigint[], told_marks text,
    now bigint[], now_marks text, hours bigint[], total bigint, told_count smallint,
    estimated_count smallint, leaf bytea) ON COMMIT DROP
"""
_PIECES = """
INSERT INTO reporting_readings_piece
    (meter_id, day, version, step_minutes, values_millionths, marks, upload_id)
SELECT meter_id, day, version, step_minutes, told, told_marks, %s FROM reading_staged
"""
_DAYS = """
INSERT INTO reporting_readings_day AS d
    (meter_id, day, version, step_minutes, values_millionths, marks, hours_millionths,
     total_millionths, told_count, estimated_count, leaf)
SELECT meter_id, day, version, step_minutes, coalesce(now, told), now_marks, coalesce(hours, told),
       total, told_count, estimated_count, leaf
FROM reading_staged
ON CONFLICT (meter_id, day) DO UPDATE SET
    version = excluded.version, step_minutes = excluded.step_minutes,
    values_millionths = excluded.values_millionths, marks = excluded.marks,
    hours_millionths = excluded.hours_millionths, total_millionths = excluded.total_millionths,
    told_count = excluded.told_count, estimated_count = excluded.estimated_count,
    leaf = excluded.leaf
"""


def stage(days: Sequence[Told]) -> Tally:
    """Every piece and every day as it will stand, by COPY into a table of this transaction."""
    tally = Tally()
    lines = _lines(days, tally)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        while part := "".join(islice(lines, AT_A_TIME)):
            with cursor.copy("COPY reading_staged FROM STDIN") as copy:
                copy.write(part)
    return tally


def write(upload_id: UUID) -> None:
    """From the stage to the pieces, and to the days as they stand."""
    with connection.cursor() as cursor:
        cursor.execute(_PIECES, [upload_id])
        cursor.execute(_DAYS)
    forget()


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE reading_staged")


def _lines(days: Sequence[Told], tally: Tally) -> Iterator[str]:
    """As COPY wants them, some thousand days at a time: memory stays small."""
    for start in range(0, len(days), AT_A_TIME):
        some = days[start : start + AT_A_TIME]
        known: dict[Key, State] = queries.day_states([told.key for told in some])
        for told in some:
            before = known.get(told.key)
            is_whole = before is None and not told.marks and rules.is_whole(told.values)
            line = _whole_line(told, tally) if is_whole else _line(told, before, tally)
            if line:
                yield line


def _whole_line(told: Told, tally: Tally) -> str:
    """Of a day that is told for the first time and as a whole, all measured: nearly all are so."""
    values, step = tuple(told.values), told.step
    each = len(values) // rules.HOURS
    hours = values if each == 1 else rules.hours_of_whole(values, each)
    text = rules.text_of_whole(values)
    head = f"{told.meter_id}\t{told.day}\t1\t{step}\t{{{text}}}\t"
    body = rules.body_with(told.meter_id, told.day, step, text, rules.ALL_MEASURED)
    tally.new_count += len(values)
    tally.hashes.append(rules.piece_hash(1, body))
    by_hour = r"\N" if each == 1 else f"{{{rules.text_of_whole(hours)}}}"
    leaf = rules.leaf_of(body).hex()
    return f"{head}\t\\N\t\t{by_hour}\t{sum(hours)}\t{len(values)}\t0\t\\\\x{leaf}\n"


def _line(told: Told, before: State | None, tally: Tally) -> str:
    """Of any day; nothing when it is told as it was. What is told as a whole is written once."""
    change = rules.overlay(before, told)
    tally.add(change)
    if change.is_nothing:
        return ""
    state, values = change.state, change.told
    figures = rules.figures_of(told.meter_id, told.day, state)
    marks, text, body = rules.plain_marks(values, told.marks), figures.text, figures.body
    if state.values is not values or state.marks != marks:
        text = rules.text_of(values)
        body = rules.body_with(told.meter_id, told.day, told.step, text, marks)
    tally.hashes.append(rules.piece_hash(state.version, body))
    now = r"\N" if state.values is values else _array(figures.text)
    hours = r"\N" if figures.hours is values else _array(rules.text_of(figures.hours))
    return (
        f"{told.meter_id}\t{told.day}\t{state.version}\t{state.step}\t{_array(text)}\t{marks}"
        f"\t{now}\t{state.marks}\t{hours}\t{figures.total}\t{figures.told_count}"
        f"\t{figures.estimated_count}\t\\\\x{figures.leaf.hex()}\n"
    )


def _array(text: str) -> str:
    """Readings with commas as an array's text: a missing one is NULL."""
    if ",," in text or text[:1] in {"", ","} or text[-1:] == ",":
        text = ",".join(one or "NULL" for one in text.split(","))
    return "{" + text + "}"
