"""Celery doors: looking at the sources, handing mails on, and sending one."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.kernel.actors import SYSTEM
from ledger.notices import mail, operations, queries


@shared_task(name="notices.collect")
def collect() -> None:
    """One task per source, so that a bad one stops only itself."""
    for kind in queries.kinds():
        collect_kind.delay(kind=kind.name)


@shared_task(
    name="notices.collect_kind",
    autoretry_for=(ConnectionError,),
    retry_backoff=True,
    max_retries=5,
    acks_late=True,
)
def collect_kind(*, kind: str) -> None:
    """The second run finds everything told already."""
    at = timezone.now()
    operations.collect(kind=kind, by=SYSTEM, at=at)
    operations.dispatch(by=SYSTEM, at=at)


@shared_task(name="notices.dispatch")
def dispatch() -> None:
    """Digests, mails that quiet hours held back, and further tries. Safe to run twice."""
    operations.dispatch(by=SYSTEM, at=timezone.now())


@shared_task(name="notices.send", acks_late=True)
def send(*, mail_id: str) -> None:
    """Record, send, record. The second run finds nothing to send: safe."""
    letter = operations.begin_mail(mail_id=UUID(mail_id), by=SYSTEM, at=timezone.now())
    if letter is None:
        return
    try:
        mail.send(mail.compose(letter))
    except mail.NotNow as error:
        _failed(letter, str(error), for_good=False)
    except mail.Never as error:
        _failed(letter, str(error), for_good=True)
    except Exception as error:  # our own mistake: it did not go out, and the log must say so
        _failed(letter, type(error).__name__, for_good=True)
        raise
    else:
        operations.end_mail(mail_id=letter.mail_id, by=SYSTEM, at=timezone.now())


def _failed(letter: mail.Letter, error: str, *, for_good: bool) -> None:
    operations.fail_mail(
        mail_id=letter.mail_id, error=error, for_good=for_good, by=SYSTEM, at=timezone.now()
    )
