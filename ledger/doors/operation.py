"""The guard in front of every write: permission first, then one transaction."""

import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, overload

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.errors import UniqueViolation

from ledger.doors.permissions import check_may
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_, DomainError
from ledger.kernel.keys import check_told

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 5
RETRYABLE = frozenset({"40001", "40P01"})  # serialisation failure, deadlock
KEY_ONCE = "_key_once"  # how the unique constraints of idempotency keys end
retried: Counter[str] = Counter()  # tries that met one, by operation, since the process began


class TooBusy(DomainError):
    """Deadlock or serialisation failure, again and again."""

    code = "too_busy"
    message = N_("The ledger is busy. Please try again.")


class Overtaken(DomainError):
    """What we had chosen ourselves was taken by somebody else before we wrote."""

    code = "overtaken"
    message = N_("Somebody else was quicker with these units. Please try again.")


@overload
def operation(function: Callable[P, R]) -> Callable[P, R]: ...


@overload
def operation(
    *, retry: bool = False, one_statement: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def operation(
    function: Callable[P, R] | None = None, *, retry: bool = False, one_statement: bool = False
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function a guarded write.

    Its name for the permission table is `room.function`, taken from where it stands:
    `ledger.holds.operations.place_hold` is `holds.place_hold`.

    `retry`: outside a transaction, try again after a deadlock, when overtaken, and when the same
    request came twice at once (the second then finds the first by its key); for functions that do
    nothing outside the database. `one_statement`: the function writes by a single statement,
    which is a transaction of its own when there is none yet; BEGIN, COMMIT and a savepoint are
    saved.

    :raises NotAllowed: none of the actor's roles may call it
    :raises KeyUnfit: its idempotency key is empty, or too long to be kept
    :raises TooBusy: still deadlocked or overtaken after the last try (with `retry`)
    """
    if function is None:
        return lambda wrapped: _guard(wrapped, retry=retry, one_statement=one_statement)
    return _guard(function, retry=retry, one_statement=one_statement)


def _guard(function: Callable[P, R], *, retry: bool, one_statement: bool) -> Callable[P, R]:
    room = function.__module__.split(".")[1]
    name = f"{room}.{function.__name__}"

    def within(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            return function(*args, **kwargs)

    alone = function if one_statement else within

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        by = kwargs["by"]
        assert isinstance(by, Actor)  # noqa: S101  a programmer's mistake, not a user's
        check_may(by, name)
        if "idempotency_key" in kwargs:
            check_told(str(kwargs["idempotency_key"]))
        if connection.in_atomic_block:
            return within(*args, **kwargs)
        if not retry:
            return alone(*args, **kwargs)
        for attempt in range(TRIES):
            try:
                return alone(*args, **kwargs)
            except (OperationalError, IntegrityError, Overtaken) as error:
                if not _may_pass(error):
                    raise
                retried[name] += 1
            time.sleep(2**attempt / 500)
        raise TooBusy(name)

    guarded.operation_name = name  # type: ignore[attr-defined]
    return guarded


def _may_pass(error: Exception) -> bool:
    if isinstance(error, Overtaken):
        return True
    cause = error.__cause__
    if isinstance(cause, UniqueViolation):
        return (cause.diag.constraint_name or "").endswith(KEY_ONCE)
    return getattr(cause, "sqlstate", None) in RETRYABLE
