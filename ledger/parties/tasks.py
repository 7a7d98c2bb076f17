from uuid import UUID

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from ledger.parties import mail, queries


@shared_task(name="parties.forget_old_sessions")
def forget_old_sessions() -> None:
    """Remove sessions that have run out. Safe to run twice."""
    SessionStore.clear_expired()


@shared_task(
    name="parties.mail_link",
    autoretry_for=(OSError,),  # what a mail server that is away raises
    retry_backoff=True,
    max_retries=8,
    acks_late=True,
)
def mail_link(*, user_id: str, occasion: str, site: str) -> None:
    """Mail the link to choose a password. Twice is a nuisance, not a danger."""
    user = queries.get_user(UUID(user_id))
    if user.is_active:
        mail.send_link(user=user, occasion=occasion, site=site)
