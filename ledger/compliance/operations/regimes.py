"""Loading rule sets from `seeds/regimes/`."""

import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger.audit import operations as audit
from ledger.compliance import models
from ledger.compliance.queries.content import content_of, subject_of
from ledger.compliance.rules.regimes import read_regime
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json, digest

LOADED = "regime.loaded"


def _row_of(file: Path) -> models.Regime:
    """:raises OddRegime: it cannot be read"""
    raw: dict[str, Any] = json.loads(canonical_json(tomllib.loads(file.read_text("utf-8"))))
    rules = read_regime(raw)
    return models.Regime(
        code=rules.code,
        name_zh=rules.name_zh,
        name_en=rules.name_en,
        region=rules.region,
        rules=raw,
        source=rules.source,
        confidence=rules.confidence,
        digest=digest(raw).hex(),
    )


@operation
def load_regimes(*, folder: Path, by: Actor, at: datetime) -> int:
    """Load every rule set of `seeds/regimes/`. Twice changes nothing; returns the rows written.

    :raises OddRegime: a file cannot be read; nothing is loaded
    """
    changed = 0
    for row in [_row_of(file) for file in sorted((folder / "regimes").glob("*.toml"))]:
        found = models.Regime.objects.filter(pk=row.pk).first()
        if found is not None and content_of(found) == content_of(row):
            continue
        row.save(force_insert=found is None)
        audit.record(
            verb=LOADED, subject=subject_of(row), by=by, at=at, data={"row": content_of(row)}
        )
        changed += 1
    return changed
