"""Catalogues: compile them, list what has no Chinese, or add empty places for it."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import messages

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: zh_Hans\\n"\n'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


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
            by_file[sentence.catalogue].append(sentence.text)
        for file, texts in by_file.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            old = file.read_text() if file.exists() else HEAD
            new = "".join(f'\nmsgid {_quoted(text)}\nmsgstr ""\n' for text in texts)
            file.write_text(old + new)
