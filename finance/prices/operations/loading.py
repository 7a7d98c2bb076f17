"""Sources of prices from `seeds/prices/`. Twice changes nothing."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from finance.prices import models
from finance.prices.queries.checking import LOADED, content_of, subject_of
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.parameters.operations import Loaded

EMPTY: Mapping[str, Any] = {
    "schemes": [],
    "gives_rates": False,
    "currency": "",
    "calendar": "",
    "limits": {},
}


def load_seeds(*, folder: Path, by: Actor, at: datetime) -> Iterable[Loaded]:
    """Sources of `seeds/`, as `manage.py load_reference` wants them."""
    rows = tomllib.loads((folder / "prices" / "sources.toml").read_text())["sources"]
    written = load_sources(rows=rows, by=by, at=at)
    yield Loaded("sources of prices", written, 0, len(rows) - written)


@operation
def load_sources(*, rows: Sequence[Mapping[str, Any]], by: Actor, at: datetime) -> int:
    """Write the sources that are new or read differently now. Returns how many."""
    known = models.PriceSource.objects.in_bulk()
    changed = [row for row in map(_row, rows) if _differs(row, known.get(row.code))]
    for row in changed:
        row.save(force_insert=row.code not in known)
        audit.record(
            verb=LOADED, subject=subject_of(row), by=by, at=at, data={"row": content_of(row)}
        )
    return len(changed)


def _row(given: Mapping[str, Any]) -> models.PriceSource:
    whole = {**EMPTY, **given}
    return models.PriceSource(**whole, digest=digest(whole).hex())


def _differs(row: models.PriceSource, known: models.PriceSource | None) -> bool:
    return known is None or known.digest != row.digest
