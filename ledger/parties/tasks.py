from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore


@shared_task(name="parties.forget_old_sessions")
def forget_old_sessions() -> None:
    """Remove sessions that have run out. Safe to run twice."""
    SessionStore.clear_expired()
