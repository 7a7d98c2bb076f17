"""Refusals of the log, and the one shape of a verification's finding."""

from dataclasses import dataclass

from ledger.kernel.errors import N_, DomainError


@dataclass(frozen=True, slots=True)
class Fault:
    """One altered, missing or unexplained thing; `kind` groups, `subject` names it."""

    kind: str
    subject: str
    text: str


class LogRefusal(DomainError):
    code = "log_refused"
    message = N_("The log refuses.")


class NotSealedYet(LogRefusal):
    code = "not_sealed_yet"
    message = N_(
        "The event is not sealed yet: something older, such as a large import, is still being "
        "written. Nothing is lost; ask again when it is done."
    )


class OutsideCheckpointAhead(LogRefusal):
    """A checkpoint kept outside is larger than the log: the database lost its tail, or is old."""

    code = "outside_checkpoint_ahead"
    message = N_(
        "A checkpoint kept outside covers %(outside)s events, but the database holds only "
        "%(inside)s. Nothing is sealed or signed until this is explained."
    )


class OutsideCheckpointDiffers(LogRefusal):
    """Same size, other root: the log was rewritten, or this is another log's store."""

    code = "outside_checkpoint_differs"
    message = N_(
        "The checkpoint kept outside for %(size)s events differs from the database. "
        "Nothing is sealed or signed until this is explained."
    )


class KeyNotInLog(LogRefusal):
    """The key on disk is not the newest that the log knows."""

    code = "key_not_in_log"
    message = N_("The signing key is not the one that the log names; run manage.py make_keys.")


def check_outside_checkpoint(
    *, outside_size: int, outside_root: bytes, inside_size: int, inside_root_then: bytes
) -> None:
    """Hold the database against a checkpoint kept outside it.

    `inside_root_then` is the database's own root at the outside size.

    :raises OutsideCheckpointAhead: the database holds fewer events
    :raises OutsideCheckpointDiffers: it holds other ones
    """
    if outside_size > inside_size:
        raise OutsideCheckpointAhead(outside=outside_size, inside=inside_size)
    if outside_root != inside_root_then:
        raise OutsideCheckpointDiffers(size=outside_size)
