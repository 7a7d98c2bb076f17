"""Refusals of the import room, and the values that targets and engine exchange."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from ledger.kernel.errors import N_, DomainError


class NoSuchTarget(DomainError):
    code = "no_such_target"
    message = N_("Nothing takes files in as %(target)s.")


class NoLayoutChosen(DomainError):
    code = "no_layout_chosen"
    message = N_("Choose a layout or map the columns first.")


class NotTheseColumns(DomainError):
    """A layout or a mapping is for files of its own headings."""

    code = "not_these_columns"
    message = N_("The file has no column %(columns)s.")


class HasProblems(DomainError):
    code = "import_has_problems"
    message = N_("%(count)s problems keep the file out.")


class NothingNew(DomainError):
    code = "nothing_new"
    message = N_("The file says nothing that is not in the books.")


class ChangedSinceChecked(DomainError):
    """Somebody moved units between the preview and the taking in."""

    code = "changed_since_checked"
    message = N_("The books have changed since the preview; the file was checked again.")


class LineNotThere(DomainError):
    code = "line_not_there"
    message = N_("The file has no such line, or it is set aside already.")


class NothingTold(DomainError):
    code = "nothing_told"
    message = N_("Say of an account what it is, or name a vintage.")


class NoSuchStranger(DomainError):
    code = "no_such_stranger"
    message = N_("An unknown giver can only be an account outside our books.")


class MappingIncomplete(DomainError):
    code = "mapping_incomplete"
    message = N_("The mapping names nothing for %(fields)s.")


class ToldInUnfit(DomainError):
    code = "told_in_unfit"
    message = N_("Quantities in %(told_in)s cannot be counted as units of one %(measure)s.")


class ConstantUnfit(DomainError):
    code = "constant_unfit"
    message = N_("%(fields)s cannot be “%(text)s” for every line.")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a line; row 0: with the file. `message` is English, marked N_."""

    row_number: int
    column: str
    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    blocking: bool = True
    line: int = 0


# How codes inside a problem's sentence are said, by the name of the place; see config/wording.py.
says: dict[str, Callable[[str], str]] = {}


@dataclass(frozen=True, slots=True)
class SchemeChoice:
    """A scheme that a mapping or a line may name; its registry and measure follow.

    `names`: how a file may call it, beside its code.
    """

    code: str
    name: str
    registry: str
    measure: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where files go. Registered in `config/wiring.py`; the import room knows none of them.

    check(import_id): the problems, set-based over the rows that are new
    commit(import_id, *, by, at, approval_id, progress): all of them or none; what was written
    undo(import_id, *, by, at, reason, progress): linked reversals; what was written
    summarise(import_id): what would be written, as plain values
    accounts(by): what the uploader may choose as the account of lines that name none
    schemes(): what a mapping may say that the lines are units of
    outside(by): accounts of strangers that an unknown giver of a line may be said to be
    is_approved: taking in and undoing are acts under the party's thresholds (ledger.approvals)
    is_whole: each file is a whole picture (a statement): lines that an earlier one had are said
        again, and none of them is "taken in"
    """

    name: str
    title: str
    check: Callable[[UUID], Iterable[RowProblem]]
    commit: Callable[..., Mapping[str, Any]]
    undo: Callable[..., Mapping[str, Any]]
    summarise: Callable[[UUID], Mapping[str, Any]]
    accounts: Callable[..., Iterable[tuple[str, str]]]
    schemes: Callable[[], Sequence[SchemeChoice]]
    outside: Callable[..., Iterable[tuple[str, str]]] | None = None
    is_approved: bool = False
    is_whole: bool = False


_TARGETS: dict[str, Target] = {}


def add_target(target: Target) -> None:
    _TARGETS[target.name] = target


def get_target(name: str) -> Target:
    """:raises NoSuchTarget:"""
    if name not in _TARGETS:
        raise NoSuchTarget(target=name)
    return _TARGETS[name]


def all_targets() -> Sequence[Target]:
    return sorted(_TARGETS.values(), key=lambda one: one.name)


def key_of(*, scope: str, natural_key: str) -> UUID:
    """A line's key within a party and a target, short enough for an index of millions."""
    return UUID(bytes=sha256(f"{scope}\n{natural_key}".encode()).digest()[:16])
