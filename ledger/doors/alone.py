"""A few of our files as one that runs by itself, wherever there is Python and `cryptography`."""

import base64
import hashlib
import zipapp
import zipfile
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

WHEEL = "Wheel-Version: 1.0\nGenerator: tanzhang\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
METADATA = """Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: {summary}
Requires-Python: >=3.11
Requires-Dist: cryptography
"""


def files_in(folder: str) -> list[str]:
    """The Python files of a folder, named from the root of the source."""
    root = Path(settings.BASE_DIR)
    return sorted(str(file.relative_to(root)) for file in (root / folder).glob("*.py"))


def write_alone(target: Path, files: Iterable[str], *, main: str, summary: str) -> None:
    """Pack files, named from the root of the source, so that they start at `main`.

    A target that ends with `.whl` becomes a package to install, anything else a file to run.
    """
    # the rooms' own __init__ are left out: packages need none
    contents = {name: (Path(settings.BASE_DIR) / name).read_bytes() for name in files}
    if target.suffix == ".whl":
        _write_wheel(target, contents, main=main, summary=summary)
        return
    with TemporaryDirectory() as folder:
        for name, content in contents.items():
            copy = Path(folder) / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)
        zipapp.create_archive(folder, target, main=main)


def _write_wheel(target: Path, contents: dict[str, bytes], *, main: str, summary: str) -> None:
    """The name of the file says what it is: `name-version-py3-none-any.whl`."""
    name, version, *_tags = target.stem.split("-")
    about, script = f"{name}-{version}.dist-info", name.replace("_", "-")
    told = {
        "METADATA": METADATA.format(name=script, version=version, summary=summary),
        "WHEEL": WHEEL,
        "entry_points.txt": f"[console_scripts]\n{script} = {main}\n",
    }
    packed = contents | {f"{about}/{part}": text.encode() for part, text in told.items()}
    record = [f"{path},{_digest(content)},{len(content)}" for path, content in packed.items()]
    record.append(f"{about}/RECORD,,")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in packed.items():
            wheel.writestr(path, content)
        wheel.writestr(f"{about}/RECORD", "\n".join(record) + "\n")


def _digest(content: bytes) -> str:
    told = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={told.decode()}"
