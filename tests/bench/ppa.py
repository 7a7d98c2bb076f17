"""`manage.py bench ppa [--rows N]`: a year of hours of 20 plants and 200 users, settled.

The whole way is measured: the file is read and checked, taken in by COPY, and every month of every
contract is settled with its statements, lines, meters and events. The floor is a bare COPY of the
same rows into a table with the same key, in the same run.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    import os

    import django

    os.environ["TANZHANG_DATA"] = str(Path(sys.argv[1]).parent)
    django.setup()

import psycopg

from config.embedded.postgres import SUPERUSER
from tests.bench.bed import Bed

Figure = dict[str, Any]
PLANTS, USERS_OF_A_PLANT, YEAR = 20, 10, 2025
HOURS = 8760
FULL_ROWS = PLANTS * (1 + USERS_OF_A_PLANT) * HOURS
TARGET_SECONDS = 180
# valley at night, peak by day, flat between
TARIFF = "V" * 8 + "P" * 4 + "F" * 5 + "P" * 5 + "F" * 2


def write_file(path: Path, plants: int) -> int:
    """One line for each meter and hour; plants make more by day, users use more."""
    stamps = []
    day = date(YEAR, 1, 1)
    while day.year == YEAR:
        stamps += [(f"{day} {hour:02d}:00", hour) for hour in range(24)]
        day += timedelta(days=1)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("point,time,energy,unit\n")
        for plant in range(plants):
            for code, scale in _meters(plant):
                for place, (stamp, hour) in enumerate(stamps):
                    energy = scale * (60 + (hour * 7 + place * 13 + plant) % 41)
                    file.write(f"{code},{stamp},{energy},kWh\n")
                count += len(stamps)
    return count


def _meters(plant: int) -> Iterator[tuple[str, int]]:
    yield f"G{plant:02d}", 10
    for user in range(USERS_OF_A_PLANT):
        yield f"U{plant:02d}-{user:02d}", 1


def figures(*, bed: Bed, rows: int = 0, full: bool = False) -> Iterator[Figure]:
    """Rows a second from the file to settled months, and the ratio to a bare COPY."""
    wanted = rows or FULL_ROWS
    plants = max(1, wanted // ((1 + USERS_OF_A_PLANT) * HOURS))
    path = bed.folder / "meters.csv"
    count = write_file(path, plants)
    floor = _bare_copy(bed, path, count)
    done = bed.python("-m", "tests.bench.ppa", str(path), str(plants))
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    told = json.loads(done.stdout.strip().splitlines()[-1])
    seconds = sum(told["seconds"].values())
    yield {
        "name": "ppa",
        "value": round(seconds, 1),
        "unit": "s",
        "target": TARGET_SECONDS,
        "rows_per_second": round(count / seconds),
        "floor_value": round(floor),
        "ratio": round(count / seconds / floor, 4),
        "conditions": {"rows": count, "plants": plants, **told},
    }


def _bare_copy(bed: Bed, path: Path, count: int) -> float:
    """The same lines, as COPY reads them, with the key that the real table has."""
    with psycopg.connect(bed.url(SUPERUSER), autocommit=True) as link:
        link.execute(
            b"CREATE TABLE floor_row (point text, at timestamp, energy bigint, unit text,"
            b" PRIMARY KEY (point, at))"
        )
        begun = time.perf_counter()
        copying = b"COPY floor_row FROM STDIN (FORMAT csv, HEADER)"
        with path.open("rb") as file, link.cursor() as cursor, cursor.copy(copying) as copy:
            while chunk := file.read(1 << 18):
                copy.write(chunk)
        took = time.perf_counter() - begun
        link.execute(b"DROP TABLE floor_row")
    return count / took


def child(path: Path, plants: int) -> None:
    """The work in a process of its own, as a worker does it."""
    from finance.ppas import operations, tasks
    from finance.ppas.models import Settlement, Upload
    from ledger.kernel.actors import SYSTEM
    from ledger.kernel.periods import Period
    from tests.factories import ppas as factory

    keeper = factory.company("park")
    by = factory.person(keeper)
    contracts = [one for plant in range(plants) for one in _contracts(plant, keeper, by)]
    seconds = {}
    begun = time.perf_counter()
    with path.open("rb") as file:
        upload = operations.upload_readings(content=file, name=path.name, by=by, at=factory.NOON)
    told = tasks.read_upload(upload.pk)
    seconds["read and take in"] = time.perf_counter() - begun
    begun = time.perf_counter()
    count = operations.settle_in_steps(
        contract_ids=contracts, period=Period.year(YEAR), by=SYSTEM, at=factory.NOON
    )
    seconds["settle"] = time.perf_counter() - begun
    upload = Upload.objects.get(pk=upload.pk)
    settled = sum(Settlement.objects.values_list("settled_wh", flat=True)) // 1_000_000
    print(  # noqa: T201
        json.dumps(
            {
                "seconds": {name: round(value, 2) for name, value in seconds.items()},
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
                "contracts": len(contracts),
                "statements": count,
                "settled_mwh": settled,
                "problems": told["problems"],
            }
        )
    )


def _contracts(plant: int, keeper: Any, by: Any) -> Iterator[Any]:
    """Ten users of a plant, a tenth of it each, by hours of use or hour by hour."""
    from finance.ppas import operations
    from ledger.instruments.operations import load_schemes, register_plant
    from ledger.kernel.actors import SYSTEM
    from tests.factories import ppas as factory

    if plant == 0:
        load_schemes(by=SYSTEM, at=factory.NOON)
    seller = factory.company(f"seller {plant}")
    farm = register_plant(
        code=f"P-{plant}", name_zh="风电场", technology="WIND", owner_id=seller, region="330000",
        by=SYSTEM, at=factory.NOON,
    )  # fmt: skip
    given: dict[str, Any] = {"grain": "HOUR", "by": by, "at": factory.NOON}
    source = operations.register_point(
        code=f"G{plant:02d}", name="G", side="GENERATION", plant_id=farm.pk, **given
    )
    for user in range(USERS_OF_A_PLANT):
        code = f"U{plant:02d}-{user:02d}"
        meter = operations.register_point(
            code=code, name=code, side="CONSUMPTION", user_id=keeper, **given
        )
        hourly = user % 2 == 0
        contract = operations.enter_contract(
            number=code, title=code, kind="GREEN_TRADE", seller_id=seller, buyer_id=keeper,
            valid_from=date(YEAR, 1, 1), valid_to=date(YEAR + 1, 1, 1), quantity_rule="THREE_WAY",
            matching="HOUR" if hourly else "MONTH", tariff_hours=TARIFF, evidence="bench",
            idempotency_key=code, by=by, at=factory.NOON,
        )  # fmt: skip
        _terms(contract.pk, source.pk, meter.pk, by)
        yield contract.pk


def _terms(contract_id: Any, source: Any, meter: Any, by: Any) -> None:
    from decimal import Decimal

    from finance.ppas import operations
    from finance.ppas.rules.terms import read_volumes
    from tests.factories import ppas as factory

    given: dict[str, Any] = {"contract_id": contract_id, "by": by, "at": factory.NOON}
    operations.attach_point(point_id=source, share_bps=1000, **given)
    operations.attach_point(point_id=meter, share_bps=10_000, **given)
    operations.set_volumes(volumes=read_volumes(f"{YEAR} 700"), **given)
    first = date(YEAR, 1, 1)
    for kind, tariff, amount in (
        ("ENERGY", "P", "0.62"), ("ENERGY", "F", "0.41"), ("ENERGY", "V", "0.22"),
        ("ENVIRONMENT", "", "0.02"), ("TRANSMISSION", "", "0.1375"), ("LOSSES", "", "0.0161"),
        ("SYSTEM", "", "0.0312"), ("FUNDS", "", "0.0292"),
    ):  # fmt: skip
        price = operations.PriceTerm(kind, Decimal(amount), first, "bench", tariff)
        operations.add_price(price=price, **given)
    rule = operations.DeviationTerm("SELLER", "SHARE_OF_PRICE", first, "bench", rate_bps=1000)
    operations.set_deviation(rule=rule, **given)
    operations.sign_contract(**given)


if __name__ == "__main__":
    child(Path(sys.argv[1]), int(sys.argv[2]))
