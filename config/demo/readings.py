"""A year of hours of the park's power meters, which add up to its bills; and this year's first
months, in which the checks find something to answer.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from config.demo.people import Cast
from ledger.kernel.actors import SYSTEM
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from ledger.kernel.shares import share_out
from reporting.activity import operations as activity
from reporting.activity.states import AnswerKind
from reporting.parks import operations as parks
from reporting.parks.queries import find_source, meters_of
from reporting.readings import operations, tasks

# How much an hour of the day weighs, by what the place does.
PORT = "66655567899999888999998876"[:24]
FACTORY = "22222336899999899999754333"[:24]
COLD = "77777777889999999988888777"[:24]
SUN = "00000013578999985310000000"[:24]
METERS = {
    "POWER-TERMINAL": ("E-0001", PORT),
    "POWER-KNITWEAR": ("E-0002", FACTORY),
    "POWER-PARTS": ("E-0003", FACTORY),
    "POWER-COLD": ("E-0004", COLD),
    "PV-ROOF": ("E-0101", SUN),
}
WH_PER_MWH = 1_000_000
Row = tuple[str, str, int]


def load(*, park_id: UUID, folder: Path, cast: Cast, year: int, at: datetime) -> None:
    """Meters' readings, their calibrations, and the checks of this year."""
    _meters(park_id, cast, year, at)
    bills = list(_bills(folder))
    told = [row for bill in bills for row in _hours(*bill, year)]
    _take(told, f"{year}.csv", park_id=park_id, cast=cast, at=at)
    odd = [row for bill in bills if bill[1] <= 2 for row in _odd(_hours(*bill, year + 1))]
    _take(odd, f"{year + 1}.csv", park_id=park_id, cast=cast, at=at)
    officer = cast.actors["DATA_OFFICER"]
    for found in activity.run_checks(park_id=park_id, year=year + 1, by=officer, at=at):
        if found.check_code == "frozen":
            activity.answer_finding(
                finding_id=found.pk,
                kind=AnswerKind.EXPLAINED,
                answer="春节停产，仅保留恒定的保安负荷",
                by=officer,
                at=at,
            )


def _meters(park_id: UUID, cast: Cast, year: int, at: datetime) -> None:
    """Calibrations, and a meter below the terminal's for the cranes."""
    terminal = find_source(park_id, "POWER-TERMINAL")
    if terminal is None:
        return
    for meter in meters_of(park_id):
        if meter.number.startswith("E-"):
            parks.record_calibration(
                meter_id=meter.id,
                calibrated_on=date(year - 1, 3, 10),
                valid_to=date(year + 2, 3, 10)
                if meter.number != "E-0003"
                else date(year + 1, 2, 1),
                certificate=f"DEMO-{meter.number}-{year - 1}",
                laboratory="宁波市计量测试研究院（演示）",
                by=cast.actors["DATA_OFFICER"],
                at=at,
            )
        if meter.number == "E-0001":
            parks.add_meter(
                source_id=terminal.id, number="E-0001-A", fed_by_id=meter.id, unit="kWh",
                valid_from=meter.valid_from, by=SYSTEM, at=at,
            )  # fmt: skip


def _bills(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Source, month, and its bill in Wh."""
    with (folder / "activity.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["source"] in METERS:
                month = int(row["month"].partition("-")[2])
                told = Quantity(Decimal(row["quantity"]), Measure.parse(row["unit"]))
                yield row["source"], month, int(told.to(Measure.MWH).amount * WH_PER_MWH)


def _hours(source: str, month: int, wh: int, year: int) -> Iterator[Row]:
    """A month's bill, shared out to its hours without loss: less on Sundays, more at work."""
    number, weights = METERS[source]
    period = Period.month(year, month)
    days = [period.start + timedelta(days=at) for at in range(period.days)]
    weighed = [
        (day, hour, int(weights[hour]) * (60 if day.weekday() == 6 else 90 + day.day % 7))
        for day in days
        for hour in range(24)
    ]
    shares = share_out(wh, [weight for _day, _hour, weight in weighed])
    for (day, hour, _weight), share in zip(weighed, shares, strict=True):
        yield number, f"{day} {hour:02d}:00", share


def _odd(rows: Iterator[Row]) -> Iterator[Row]:
    """What happens to real data: five hours lost, a stuck meter, a stroke of the pen."""
    for number, time, wh in rows:
        day = time[5:10]
        if number == "E-0001" and day == "01-14" and "03" <= time[11:13] <= "07":
            continue
        if number == "E-0002" and day in {"02-17", "02-18"}:
            yield number, time, 600_000
        elif number == "E-0004" and time[5:13] == "02-09 11":
            yield number, time, wh * 12
        else:
            yield number, time, wh


def _take(rows: list[Row], name: str, *, park_id: UUID, cast: Cast, at: datetime) -> None:
    text = "表计编号,时间,用量\n" + "".join(
        f"{number},{time},{wh // WH_PER_MWH}.{wh % WH_PER_MWH:06d}\n" for number, time, wh in rows
    )
    upload = operations.upload_readings(
        park_id=park_id,
        content=io.BytesIO(text.encode()),
        name=f"readings-{name}",
        by=cast.actors["DATA_OFFICER"],
        at=at,
    )
    tasks.read_upload(upload.pk)
