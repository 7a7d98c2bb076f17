from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.webhooks import keys


@pytest.fixture(autouse=True)
def key_folder(settings: Any, tmp_path: Path) -> None:
    """A key from which the secrets of webhooks are drawn."""
    settings.KEY_DIR = tmp_path / "keys"
    keys.make_missing_key(settings.KEY_DIR, True, datetime(2026, 3, 1, tzinfo=UTC))
