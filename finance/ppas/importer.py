"""A file of meter rows, read line by line: every bad row is named, no number becomes a float."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO

from finance.ppas.models import Point
from finance.ppas.rules.readings import Problem, Wrong, columns_of, energy_wh, moment
from ledger.imports import reading
from ledger.kernel.errors import N_

NEEDED = ("point", "time", "energy", "unit")
MOST_PROBLEMS = 10_000
AT_A_TIME = 100_000
Progress = Callable[[int], None]


@dataclass(slots=True)
class ReadFile:
    """Its rows as COPY wants them (row, point, day, hour, Wh), and what is wrong."""

    rows: IO[bytes]
    row_count: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, row: int, column: str, message: str, text: str = "") -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(row, column, message, text[:60]))


def read_file(
    file: BinaryIO, *, points: Mapping[str, Point], progress: Progress = lambda _done: None
) -> ReadFile:
    """Walk through the file; the caller closes `rows`."""
    found = ReadFile(TemporaryFile())  # noqa: SIM115  the caller closes it
    try:
        _encoding, lines = reading.open_lines(file)
        headings = next(lines, [])
        columns = columns_of(headings)
        missing = [name for name in NEEDED if name not in columns]
        for name in missing:
            found.wrong(1, name, N_("the column is missing"))
        if not missing:
            _walk(found, lines, [columns[name] for name in NEEDED], points, progress)
    except reading.NotReadable:
        found.wrong(1, "", N_("the file is neither a workbook nor a text table"))
    if not found.row_count and not found.problem_count:
        found.wrong(1, "", N_("the file has no rows below its headings"))
    found.rows.seek(0)
    return found


def _walk(
    found: ReadFile,
    lines: Any,
    places: list[int],
    points: Mapping[str, Point],
    progress: Progress,
) -> None:
    at_point, at_time, at_energy, at_unit = places
    width = max(places) + 1
    moments: dict[tuple[str, str], tuple[str, int]] = {}
    known = {code: (str(point.pk), point.grain) for code, point in points.items()}
    chunk: list[str] = []
    for number, cells in enumerate(lines, start=2):
        if len(cells) < width:
            if any(cells):
                found.row_count += 1
                found.wrong(number, "", N_("the row is shorter than the headings"))
            continue
        code = cells[at_point].strip()
        if not code and not any(cells):
            continue
        found.row_count += 1
        if found.row_count % AT_A_TIME == 0:
            found.rows.write("".join(chunk).encode())
            chunk.clear()
            progress(found.row_count)
        point = known.get(code)
        if point is None:
            found.wrong(number, "point", N_("this metering point is not yours or not known"), code)
            continue
        point_id, grain = point
        time = cells[at_time]
        column = "time"
        try:
            when = moments.get((time, grain))
            if when is None:
                day, hour = moment(time, grain=grain)
                when = moments[time, grain] = (day.isoformat(), hour)
            column = "energy"
            energy = energy_wh(cells[at_energy], unit=cells[at_unit])
        except Wrong as error:
            text = time if column == "time" else f"{cells[at_energy]} {cells[at_unit]}"
            found.wrong(number, column, str(error), text)
            continue
        chunk.append(f"{number}\t{point_id}\t{when[0]}\t{when[1]}\t{energy}\n")
    found.rows.write("".join(chunk).encode())
