"""The guard in front of every write: permission first, then one transaction."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

from ledger.doors.permissions import check_may
from ledger.kernel.actors import Actor

P = ParamSpec("P")
R = TypeVar("R")


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function a guarded write.

    Its name for the permission table is `room.function`, taken from where it stands:
    `ledger.holds.operations.place_hold` is `holds.place_hold`.

    :raises NotAllowed: none of the actor's roles may call it
    """
    room = function.__module__.split(".")[1]
    name = f"{room}.{function.__name__}"

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        by = kwargs["by"]
        assert isinstance(by, Actor)  # noqa: S101  a programmer's mistake, not a user's
        check_may(by, name)
        with transaction.atomic():
            return function(*args, **kwargs)

    guarded.operation_name = name  # type: ignore[attr-defined]
    return guarded
