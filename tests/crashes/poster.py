"""A process that posts transfers until it is told to stop, and notes what was acknowledged.

Each transfer has two legs, so that a half of it could be seen: three units by quantity, and one
unit by its serial number. Its key says which transfer it is, and makes it repeatable.
"""

import os
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from tests.factories.units import DAY, FREE, NOON, Actor, Leg, Receipt, Role, post_entry

ALICE = Actor(
    UUID("00000000-0000-7000-8000-0000000000c1"),
    UUID("00000000-0000-7000-8000-0000000000c2"),
    frozenset({Role.CARBON_MANAGER, Role.APPROVER}),
)
HERE, THERE = (UUID(f"00000000-0000-7000-8000-0000000000d{n}") for n in (1, 2))
DONE, LOST = "done", "lost"
TASK = "crashes.nobody"  # every other transfer also writes to the outbox


def key_of(poster: int, number: int) -> str:
    return f"{poster}-{number}"


def transfer(quantity_lot: UUID, serial_lot: UUID, key: str) -> Receipt:
    """The transfer of that key: the same wherever and however often it is sent."""
    poster, number = map(int, key.split("-"))
    source, target = (HERE, THERE) if (poster + number) % 2 else (THERE, HERE)
    serial = poster * 1_000_000 + number
    return post_entry(
        kind="TRANSFER",
        legs=[
            Leg(quantity_lot, source, FREE, target, FREE, 3),
            Leg(serial_lot, HERE, FREE, THERE, FREE, 1, serial, serial),
        ],
        happened_on=DAY,
        by=ALICE,
        at=NOON,
        idempotency_key=key,
        outbox=[(TASK, {"key": key})] if number % 2 else [],
    )


def post_for_ever(quantity_lot: UUID, serial_lot: UUID, poster: int) -> Iterator[tuple[str, str]]:
    """Yield each key and whether its transfer was acknowledged."""
    for number in count(1):
        _wait_for_database()
        key = key_of(poster, number)
        try:
            transfer(quantity_lot, serial_lot, key)
        except (OperationalError, InterfaceError):
            connection.close()
            yield key, LOST
        else:
            yield key, DONE


def _wait_for_database() -> None:
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError:
            time.sleep(0.02)


def main(quantity_lot: str, serial_lot: str, poster: str, notes: str) -> None:
    parent = os.getppid()
    with Path(notes).open("w", buffering=1) as told:
        for key, fate in post_for_ever(UUID(quantity_lot), UUID(serial_lot), int(poster)):
            told.write(f"{fate} {key}\n")
            if os.getppid() != parent:
                return
