"""Callbacks of lower rooms, filled in by upper ones. The only place that knows both.

Approved operations are registered here too, so that `approvals` knows none of them.
"""


def connect() -> None:
    """Called once, when Django has loaded every room."""
