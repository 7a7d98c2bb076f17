"""What the headings of a file say: how it is laid out, and which column is which."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ledger.imports.reading import normalise
from reporting.readings import rules
from reporting.readings.rules import HOURS, MINUTES

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "meter": ("meter", "meter number", "表计编号", "表计", "表号", "计量点", "电表编号"),
    "time": ("time", "timestamp", "date time", "reading time", "时间", "日期时间", "抄表时间"),
    "value": ("value", "reading", "consumption", "读数", "用量", "数值", "电量"),
    "unit": ("unit", "单位"),
    "mark": ("quality", "mark", "数据质量", "质量"),
    "day": ("day", "date", "日期", "数据日期"),
    "total": ("total", "day's total", "日用量", "日电量", "合计"),
    "register": (
        "register",
        "cumulative register",
        "示数",
        "累计示数",
        "表底",
        "表码",
        "正向有功总",
    ),
    "from": ("from", "start time", "起始时间", "开始时间", "上次抄表时间", "上次抄表日期"),
    "to": ("to", "end time", "终止时间", "结束时间", "本次抄表时间", "本次抄表日期"),
    "start": ("start register", "起始示数", "上次示数", "上期示数", "起码", "起度"),
    "end": ("end register", "终止示数", "本次示数", "本期示数", "止码", "止度"),
    "digits": ("digits", "register digits", "示数位数", "整数位数", "位数"),
    "multiplier": ("multiplier", "倍率", "综合倍率"),
}
LINES = ("meter", "time", "value")
SERIES = ("meter", "time", "register")
PAIRS = ("meter", "from", "to", "start", "end")
DAYS = ("meter", "day")
QUARTERS = 96
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?|([0-9]{1,2})[时點点]", re.ASCII)
_COUNTED = re.compile(r"[phv]?([0-9]{1,2})", re.ASCII)


class Layout(StrEnum):
    """What a line of a file tells."""

    LINES = "LINES"  # a reading
    DAYS = "DAYS"  # a meter's day
    REGISTERS = "REGISTERS"  # what a register showed, then, or at the two ends of a time


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column stands; of a file of days, where each step of the day does."""

    layout: Layout
    places: Mapping[str, int]
    headings: Sequence[str]
    step: int = 0
    steps: Sequence[int] = field(default_factory=tuple)

    def heading(self, column: str) -> str:
        at = self.places.get(column, -1)
        return self.headings[at] if at >= 0 else column


def find_columns(headings: Sequence[str]) -> Columns:
    """:raises ColumnsMissing, ColumnsDoNotFit: the file cannot be read by its headings"""
    plain = [normalise(heading) for heading in headings]
    places = {
        name: at
        for name, spellings in HEADINGS.items()
        if (at := next((at for at, one in enumerate(plain) if one in spellings), -1)) >= 0
    }
    if "register" in places:
        return _needing(SERIES, Layout.REGISTERS, places, headings)
    if len({"from", "to", "start", "end"}.intersection(places)) > 1:
        return _needing(PAIRS, Layout.REGISTERS, places, headings)
    clocks, counted = _clocks(plain), _counted(plain)
    if max(len(clocks), len(counted)) >= HOURS // 2 or ("day" in places and "time" not in places):
        found = _needing(DAYS, Layout.DAYS, places, headings)
        steps = _of_clocks(clocks) if len(clocks) >= len(counted) else _of_counted(counted)
        return Columns(Layout.DAYS, found.places, headings, MINUTES // len(steps), steps)
    return _needing(LINES, Layout.LINES, places, headings)


def _needing(
    names: Sequence[str], layout: Layout, places: Mapping[str, int], headings: Sequence[str]
) -> Columns:
    missing = [name for name in names if name not in places]
    if missing:
        raise rules.ColumnsMissing(columns=", ".join(missing))
    return Columns(layout, places, headings)


def _clocks(plain: Sequence[str]) -> list[tuple[int, int]]:
    """Columns that are headed by a time of day: its minute, and where it stands."""
    found = []
    for at, one in enumerate(plain):
        if told := _CLOCK.fullmatch(one):
            hour, minute, alone = told.groups()
            found.append((int(hour or alone) * 60 + int(minute or 0), at))
    return found


def _counted(plain: Sequence[str]) -> list[tuple[int, int]]:
    """Columns that are headed by the count of a step: P1, P2 …"""
    told = ((_COUNTED.fullmatch(one), at) for at, one in enumerate(plain))
    return [(int(one[1]), at) for one, at in told if one]


def _of_clocks(found: list[tuple[int, int]]) -> list[int]:
    """Where each step stands. 24:00, or a midnight at the end, says that times are where steps end.

    :raises ColumnsMissing, ColumnsDoNotFit:
    """
    if len(found) > 1 and found[-1][0] == 0 and found[-2] == max(found):
        found = [*found[:-1], (MINUTES, found[-1][1])]
    minutes = [minute for minute, _at in found]
    step = 60 if all(minute % 60 == 0 for minute in minutes) else 15
    begin = step if MINUTES in minutes else 0
    wanted = range(begin, MINUTES + begin, step)
    return _in_order(found, wanted, lambda one: f"{one // 60:02d}:{one % 60:02d}")


def _of_counted(found: list[tuple[int, int]]) -> list[int]:
    """:raises ColumnsMissing, ColumnsDoNotFit:"""
    last = QUARTERS if len(found) > HOURS else HOURS
    return _in_order(found, range(1, last + 1), lambda one: f"P{one}")


def _in_order(found: list[tuple[int, int]], wanted: range, name: Callable[[int], str]) -> list[int]:
    places: dict[int, int] = {}
    odd = [one for one, _at in found if one not in wanted]
    for one, at in found:
        if places.setdefault(one, at) != at:
            odd.append(one)
    if odd:
        raise rules.ColumnsDoNotFit(columns=", ".join(map(name, sorted(odd))))
    missing = [one for one in wanted if one not in places]
    if missing:
        raise rules.ColumnsMissing(columns=", ".join(map(name, missing)))
    return [places[one] for one in wanted]
