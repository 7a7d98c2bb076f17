from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.webhooks import keys


@pytest.fixture(autouse=True)
def key_folder(settings: Any, tmp_path: Path) -> Path:
    """A folder of keys with one for webhooks in it."""
    settings.KEY_DIR = tmp_path / "keys"
    keys.make_missing_key(settings.KEY_DIR, True, datetime(2026, 3, 1, tzinfo=UTC))
    return tmp_path / "keys"
