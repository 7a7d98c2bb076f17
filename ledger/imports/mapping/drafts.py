"""Mappings to begin with: headings that somebody saw in public, not confirmed by the registry."""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from ledger.imports.mapping.spec import Spec

DRAFTS = Path(__file__).resolve().parents[3] / "seeds" / "imports" / "drafts.toml"
ABOUT = ("code", "name_zh", "name_en", "source", "source_zh")


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping to begin with. Unconfirmed: the source says where the headings were seen."""

    code: str
    name_zh: str
    name_en: str
    source: str
    source_zh: str
    spec: Spec


@cache
def drafts() -> tuple[Draft, ...]:
    """The ready drafts, as `seeds/imports/drafts.toml` has them."""
    told = tomllib.loads(DRAFTS.read_text("utf-8"))["drafts"]
    return tuple(
        Draft(**{name: one[name] for name in ABOUT}, spec=Spec.from_json(one)) for one in told
    )


def fitting_drafts(headings: Iterable[str], normalise: Callable[[str], str]) -> list[Draft]:
    """Drafts whose every column the file has, the most demanding first."""
    there = frozenset(headings)
    fit = [one for one in drafts() if {normalise(h) for h in one.spec.headings} <= there]
    return sorted(fit, key=lambda one: -len(one.spec.headings))


def nearest_draft(headings: Iterable[str], normalise: Callable[[str], str]) -> Draft | None:
    """The draft of which the file has the most columns, if it has half of them."""
    there = frozenset(headings)

    def share(draft: Draft) -> Fraction:
        names = {normalise(heading) for heading in draft.spec.headings}
        return Fraction(len(names & there), len(names))

    best = max(drafts(), key=share)
    return best if 2 * share(best) >= 1 else None
