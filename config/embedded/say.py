"""Progress on the console: one line per step, with its time. Standard library only."""

import sys
import time

_started = time.monotonic()
_step = _started


def say(text: str) -> None:
    """One line of progress."""
    global _step  # noqa: PLW0603  the console is one
    _step = time.monotonic()
    sys.stderr.write(f"· {text}\n")
    sys.stdout.flush()


def done(text: str = "done") -> None:
    """The step just said is over: how long it took."""
    sys.stderr.write(f"  {text} ({time.monotonic() - _step:.1f} s)\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """A paragraph as it is."""
    sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()
