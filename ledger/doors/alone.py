"""A few of our files as one that runs by itself, wherever there is Python and `cryptography`."""

import zipapp
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings


def write_alone(target: Path, files: Iterable[str], *, main: str) -> None:
    """Pack files, named from the root of the source, into a zipapp that starts at `main`."""
    root = Path(settings.BASE_DIR)
    with TemporaryDirectory() as folder:
        for name in files:
            copy = Path(folder) / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((root / name).read_bytes())
        # the rooms' own __init__ are left out: packages need none
        zipapp.create_archive(folder, target, main=main)


def files_in(folder: str) -> list[str]:
    """The Python files of a folder, named from the root of the source."""
    root = Path(settings.BASE_DIR)
    return sorted(str(file.relative_to(root)) for file in (root / folder).glob("*.py"))
