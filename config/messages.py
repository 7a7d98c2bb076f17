"""Every sentence that people see, found in code and templates, and its Chinese.

Pure Python (Babel), so that no machine needs gettext's tools.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
    for file in sorted((settings.BASE_DIR / "templates").rglob("*")):
        if file.suffix in {".html", ".txt", ".svg"}:
            source = templatize(file.read_text(), origin=str(file))
            yield from _found(file, source.encode())


def _found(file: Path, source: bytes) -> Iterator[Sentence]:
    options = {"encoding": "utf-8"}
    for line, message, _comments, _context in extract(
        "python", BytesIO(source), keywords=KEYWORDS, options=options
    ):
        for text in message if isinstance(message, tuple) else (message,):
            if text:
                yield Sentence(text, file, line)


def catalogues() -> list[Path]:
    """Every catalogue of ours."""
    return sorted(
        file for storey in STOREYS for file in (settings.BASE_DIR / storey).rglob("django.po")
    )


def untranslated() -> list[Sentence]:
    """Texts without a Chinese, ours or Django's."""
    compile_all()
    trans_real._translations.clear()  # type: ignore[attr-defined]
    known = trans_real.translation("zh-hans")._catalog  # type: ignore[attr-defined]
    missing: dict[str, Sentence] = {}
    for sentence in sentences():
        if known.get(sentence.text, None) is None and (sentence.text, 0) not in known:
            missing.setdefault(sentence.text, sentence)
    return list(missing.values())


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
    return done
