"""Catalogues: compile them, list what has no Chinese, or add empty places for it."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import messages

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: zh_Hans\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def entry(sentence: messages.Sentence, chinese: str = "") -> str:
    """A place in a catalogue. Chinese has one form for every number."""
    flag = "#, python-format\n" if "%(" in sentence.text else ""
    if sentence.plural:
        plural = f"msgid_plural {_quoted(sentence.plural)}\nmsgstr[0] {_quoted(chinese)}\n"
        return f"\n{flag}msgid {_quoted(sentence.text)}\n{plural}"
    return f"\n{flag}msgid {_quoted(sentence.text)}\nmsgstr {_quoted(chinese)}\n"


class Command(BaseCommand):
    help = "compile | missing | add"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["compile", "missing", "add"])

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        if what == "compile":
            self.stdout.write(f"{messages.compile_all()} catalogues compiled")
            return
        missing = messages.untranslated()
        for sentence in missing:
            self.stdout.write(f"{sentence.file}:{sentence.line}: {sentence.text}")
        if what == "add":
            self._add(missing)
        elif missing:
            raise SystemExit(1)

    @staticmethod
    def _add(missing: list[messages.Sentence]) -> None:
        by_file: dict[Path, list[str]] = defaultdict(list)
        for sentence in missing:
            by_file[sentence.catalogue].append(entry(sentence))
        for file, entries in by_file.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            old = file.read_text() if file.exists() else HEAD
            file.write_text(old + "".join(entries))
