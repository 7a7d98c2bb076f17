from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import trans_real

from config import messages
from reporting.packages import signing
from tests.reporting.inventories.conftest import (  # noqa: F401  the same park and facility
    dataset,
    facility,
    manager,
    operator,
    own_folder,
    park,
    reference,
)


@pytest.fixture(scope="session", autouse=True)
def chinese() -> None:
    messages.compile_all()
    trans_real._translations.clear()


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("document-keys") / "k"
    signing.make_document_keys(folder, demonstration=True, at=datetime.now(UTC))
    return folder


@pytest.fixture
def own_keys(settings: Any, key_folder: Path, tmp_path: Path) -> Path:
    settings.KEY_DIR = key_folder
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    return key_folder
