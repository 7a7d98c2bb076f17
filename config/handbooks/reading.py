"""The little of Markdown in which the handbooks are written, as blocks for a template."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

HEADINGS = {"zh-hans": "## 中文", "en": "## English"}
STEP = re.compile(r"\d+\. |- ")
INLINE = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"`(.+?)`"), r"<code>\1</code>"),
    (re.compile(r"\[(.+?)\]\(.+?\)"), r"\1"),  # files of the repository have no address here
)


@dataclass(slots=True)
class Block:
    """`kind`: text, steps or code."""

    kind: str
    lines: list[str] = field(default_factory=list)

    @property
    def shown(self) -> list[SafeString]:
        """Each line, or step, as HTML; code is one line, as it is."""
        if self.kind == "code":
            return [mark_safe(escape("\n".join(self.lines)))]  # noqa: S308 (escaped)
        return [inline(line) for line in self.lines]


def inline(text: str) -> SafeString:
    """Bold names and code; everything else is escaped."""
    shown = str(escape(text))
    for pattern, put in INLINE:
        shown = pattern.sub(put, shown)
    return mark_safe(shown)  # noqa: S308 (escaped above)


def title_of(text: str, language: str) -> str:
    """`# For approvers · 审批人手册`: English before the dot, Chinese after it."""
    english, _dot, chinese = text.splitlines()[0].removeprefix("# ").partition(" · ")
    return english if language == "en" else chinese


def part_of(text: str, language: str) -> str:
    """What stands below the heading of a language, up to the next."""
    below = text.partition(f"{HEADINGS[language]}\n")[2]
    return below.partition("\n## ")[0].strip()


def blocks_of(part: str) -> Iterator[Block]:
    """Texts, steps and code, in their order."""
    for piece in re.split(r"\n\s*\n", part):
        lines = piece.splitlines()
        if lines[0].strip().startswith("```"):
            yield Block("code", [line.strip() for line in lines[1:-1]])
        elif STEP.match(lines[0]):
            yield Block("steps", _steps(lines))
        else:
            yield Block("text", [_joined(lines)])


def _steps(lines: list[str]) -> list[str]:
    """A step goes on in the lines that are set in."""
    found: list[list[str]] = []
    for line in lines:
        told = STEP.match(line)
        if told:
            found.append([line[told.end() :]])
        else:
            found[-1].append(line.strip())
    return [_joined(step) for step in found]


def _joined(lines: list[str]) -> str:
    """Chinese is written without blanks between its lines."""
    text = lines[0].strip()
    for line in lines[1:]:
        both = text[-1:] + line.strip()[:1]
        text += ("" if any(ord(one) > 0x2E80 for one in both) else " ") + line.strip()
    return text
