"""Checks the whole log again, from the bodies up. Streams, in constant memory.

V1  leaves and chain re-hashed; the columns of an event say what its body says
V2  tree and tiles re-grown, against the stored checkpoints and their signatures
V3  the same against the checkpoints kept outside
V4  what other rooms registered: rows against events, positions against movements …
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from ledger.audit import queries
from ledger.audit.rules import Fault
from ledger.audit.verifying.columns import odd_columns
from ledger.audit.verifying.log import Log, Say
from ledger.audit.verifying.report import Report

__all__ = ["Report", "asked", "rehash", "verify"]


def rehash() -> Report:
    """V1 to V3 without the columns: for whoever measures."""
    report = Report()
    for fault in Log(report, 0).read_sealed(lambda text: None):
        report.note(fault)
    return report


def verify(*, since: int = 0, say: Say = lambda text: None) -> Report:
    """Check everything from event number `since` on (0: the whole log).

    What lies before `since` is taken from the tiles, once they agree with a signed checkpoint of
    that size.
    """
    report = Report(since=since)
    log = Log(report, since)
    with ThreadPoolExecutor(3) as beside:
        columns = beside.submit(odd_columns, since)
        rooms = [
            beside.submit(_verify_room, name, check, say)
            for name, check in queries.checks().items()
        ]
        _verify_log(log, report, say)
    report.add(columns.result())
    for room in rooms:
        report.add(room.result())
    return report


def _verify_room(name: str, check: queries.Check, say: Say) -> Report:
    """V4, on a connection of its own: the server compares while we hash."""
    say(f"{name} …")
    report = Report(checks=[name])
    try:
        for fault in asked(name, check):
            report.note(fault)
    finally:
        connection.close()
    return report


def asked(name: str, check: queries.Check) -> Iterator[Fault]:
    """A check that stumbles over altered rows has found something, too."""
    try:
        yield from check()
    except Exception as trouble:
        yield Fault("check.stopped", name, f"{type(trouble).__name__}: {trouble}")


def _verify_log(log: Log, report: Report, say: Say) -> None:
    for name, part in (
        ("events", log.read_sealed),
        ("tiles", log.compare_tiles),
        ("unsealed events", log.read_waiting),
    ):
        say(f"{name} …")
        for fault in part(say):
            report.note(fault)
