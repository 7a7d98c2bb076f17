"""Every sentence that people see, found in code and templates, and its Chinese.

Pure Python (Babel), so that no machine needs gettext's tools.
"""

import gettext
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

STOREYS = ("config", "ledger", "finance", "reporting")
LANGUAGE = "zh_Hans"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),  # type: ignore[dict-item]
    "pgettext_lazy": ((1, "c"), 2),  # type: ignore[dict-item]
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A translatable text and where it stands."""

    text: str
    file: Path
    line: int
    plural: str = ""
    context: str = ""

    @property
    def catalogue(self) -> Path:
        """The catalogue it belongs to: its room's, or the house's."""
        parts = self.file.relative_to(settings.BASE_DIR).parts
        inside = parts[1:] if parts[0] == "templates" else parts
        room = settings.BASE_DIR / Path(*inside[:2])
        in_a_room = inside[0] in STOREYS[1:] and room.is_dir()
        home = room if in_a_room else settings.BASE_DIR / "config"
        return home / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def sentences() -> Iterator[Sentence]:
    """Every translatable text of our own code and templates."""
    for storey in STOREYS:
        for file in sorted((settings.BASE_DIR / storey).rglob("*.py")):
            if "migrations" not in file.parts:
                yield from _found(file, file.read_bytes())
    yield from _in_templates(settings.BASE_DIR / "templates")


def _in_templates(folder: Path) -> Iterator[Sentence]:
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".html", ".txt", ".svg"}:
            # templatize leaves the page's indentation, which is none to Python
            lines = templatize(file.read_text(), origin=str(file)).splitlines()
            yield from _found(file, "\n".join(line.lstrip() for line in lines).encode())


def _found(file: Path, source: bytes) -> Iterator[Sentence]:
    options = {"encoding": "utf-8"}
    for line, message, _comments, context in extract(
        "python", BytesIO(source), keywords=KEYWORDS, options=options
    ):
        parts = message if isinstance(message, tuple) else (message,)
        if parts[0]:
            plural = parts[1] if len(parts) > 1 else ""
            yield Sentence(parts[0], file, line, plural=plural, context=context or "")


def catalogues() -> list[Path]:
    """Every catalogue of ours."""
    return sorted(
        file for storey in STOREYS for file in (settings.BASE_DIR / storey).rglob("django.po")
    )


def untranslated() -> list[Sentence]:
    """Texts without a Chinese, ours or Django's."""
    compile_all()
    known = trans_real.translation("zh-hans")._catalog  # type: ignore[attr-defined]
    missing: dict[str, Sentence] = {}
    for sentence in sentences():
        text = f"{sentence.context}\x04{sentence.text}" if sentence.context else sentence.text
        key = (text, 0) if sentence.plural else text
        if known.get(key) is None:
            missing.setdefault(sentence.text, sentence)
    return list(missing.values())


def contradictions() -> dict[str, set[str]]:
    """Texts that two catalogues say differently in Chinese: only one would ever be seen."""
    found: dict[str, set[str]] = {}
    for file in catalogues():
        with file.open("rb") as source:
            for message in read_po(source, locale=LANGUAGE):
                if message.id and not message.context:
                    found.setdefault(str(message.id), set()).add(str(message.string))
    return {text: chinese for text, chinese in found.items() if len(chinese) > 1}


def unused() -> list[str]:
    """Entries of our catalogues that neither our code and templates nor the theme's say."""
    theme = Path(str(find_spec("unfold").origin)).parent  # type: ignore[union-attr]
    theirs = [one for file in theme.rglob("*.py") for one in _found(file, file.read_bytes())]
    theirs += _in_templates(theme)
    said = {(_squeezed(one.text), one.context) for one in [*sentences(), *theirs]}
    found = list[str]()
    for file in catalogues():
        with file.open("rb") as source:
            for message in read_po(source, locale=LANGUAGE):
                text = str(message.id[0] if isinstance(message.id, tuple) else message.id)
                if text and (_squeezed(text), message.context or "") not in said:
                    found.append(f"{file.relative_to(settings.BASE_DIR)}: {text}")
    return found


def _squeezed(text: str) -> str:
    """The theme's long texts carry the indentation of their page."""
    return " ".join(text.split())


def compile_all() -> int:
    """Compile each catalogue that is newer than its compiled form; how many were."""
    done = 0
    for source in catalogues():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=LANGUAGE)
        half = target.with_suffix(".half")
        with half.open("wb") as file:
            write_mo(file, catalogue)
        half.replace(target)
        done += 1
    # both keep what they read before the compiling
    gettext._translations.clear()  # type: ignore[attr-defined]
    trans_real._translations.clear()  # type: ignore[attr-defined]
    trans_real._default = None  # type: ignore[attr-defined]
    return done
