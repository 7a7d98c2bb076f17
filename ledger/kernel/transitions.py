"""Moves are a table: which state may follow which."""

from collections.abc import Callable, Mapping
from typing import Any

from ledger.kernel.errors import DomainError, IllegalTransition

Transitions = Mapping[Any, frozenset[Any]]


def check_transition(table: Transitions, old: str, new: str) -> None:
    """:raises IllegalTransition: the table has no such move"""
    if new not in table.get(old, frozenset()):
        raise IllegalTransition(old=str(old), new=str(new))


def allows(check: Callable[..., None], *args: Any, **kwargs: Any) -> bool:
    """Ask a check without a twin: would it pass?"""
    try:
        check(*args, **kwargs)
    except DomainError:
        return False
    return True
