from pathlib import Path
from typing import Any

import pytest

from ledger.audit import keys, operations
from ledger.kernel.actors import SYSTEM
from tests.factories.units import NOON


@pytest.fixture
def log(committed_db: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of the test's own, with a key of the log; yields its name."""
    settings.KEY_DIR = tmp_path / "keys"
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    monkeypatch.setattr(keys, "_MAKERS", {})
    operations.make_keys(by=SYSTEM, at=NOON, is_demonstration=True)
    return committed_db
