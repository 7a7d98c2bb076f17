from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.audit import keys, operations
from ledger.kernel.actors import SYSTEM

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def log_places(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Keys and outside checkpoints of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    yield tmp_path


@pytest.fixture
def log(committed_db: str, log_places: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of the test's own with the checkpoint's key alone; yields its name."""
    monkeypatch.setattr(keys, "_MAKERS", {})
    operations.make_keys(by=SYSTEM, at=NOON, is_demonstration=True)
    return committed_db


@pytest.fixture
def seal() -> Callable[[], operations.Sealed]:
    def run() -> operations.Sealed:
        signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
        return operations.seal_events(by=SYSTEM, at=NOON, key=signer)

    return run


def happen(count: int, *, start: int = 0) -> list[str]:
    """Commit some events; returns their ids."""
    happenings = [
        operations.Happening(verb="thing.made", subject=f"things.Thing:{i}", data={"n": i})
        for i in range(start, start + count)
    ]
    return [str(one) for one in operations.record_many(happenings, by=SYSTEM, at=NOON)]
