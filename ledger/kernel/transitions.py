"""Moves are a table: which state may follow which."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from ledger.kernel.errors import DomainError, IllegalTransition

Transitions = Mapping[Any, frozenset[Any]]


def check_transition(table: Transitions, old: str, new: str) -> None:
    """:raises IllegalTransition: the table has no such move"""
    if new not in table.get(old, frozenset()):
        kind = type(next(iter(table), old))  # as members of their class the doors can name them
        raise IllegalTransition(old=_member(kind, old), new=_member(kind, new))


def _member(kind: type, state: str) -> str:
    known = issubclass(kind, Enum) and state in {one.value for one in kind}
    return kind(state) if known else str(state)


def allows(check: Callable[..., None], *args: Any, **kwargs: Any) -> bool:
    """Ask a check without a twin: would it pass?"""
    try:
        check(*args, **kwargs)
    except DomainError:
        return False
    return True
