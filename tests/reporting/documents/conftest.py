import json
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import trans_real

from config import messages


@pytest.fixture(scope="session", autouse=True)
def chinese() -> None:
    """The documents' own words are in the catalogues, which are compiled, not committed."""
    messages.compile_all()
    trans_real._translations.clear()


@pytest.fixture
def statement() -> dict[str, Any]:
    sample = Path(__file__).with_name("sample_statement.json")
    found: dict[str, Any] = json.loads(sample.read_text())
    return found
