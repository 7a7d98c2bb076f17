"""Is it alive, and may it be given work? For load balancers and people who watch."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from ledger.audit import queries as audit
from ledger.jobs import queries as jobs

OLDEST_MESSAGE = timedelta(seconds=60)
OLDEST_UNSEALED = timedelta(seconds=60)


def _database(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _broker(at: datetime) -> str:
    with current_app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
    return ""


def _outbox(at: datetime) -> str:
    age = jobs.oldest_unsent_age(at=at)
    return f"the oldest message has waited {age.seconds} s" if age > OLDEST_MESSAGE else ""


def _seal(at: datetime) -> str:
    state = audit.seal_state()
    if state.is_behind_outside:
        return "an outside checkpoint is ahead of the database"
    age = state.oldest_unsealed_age
    if age > OLDEST_UNSEALED:
        return f"the oldest event has waited {int(age.total_seconds())} s for its seal"
    return ""


CHECKS: Mapping[str, Callable[[datetime], str]] = {
    "database": _database,
    "broker": _broker,
    "outbox": _outbox,
    "seal": _seal,
}


def _asked(name: str, at: datetime) -> str:
    try:
        return CHECKS[name](at)
    except Exception as error:  # a check that cannot run is a check that fails
        return type(error).__name__


@never_cache
def livez(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"alive": True})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker, outbox and seals; 503 names what is wrong."""
    at = timezone.now()
    wrong = {name: text for name in CHECKS if (text := _asked(name, at))}
    body = {"ready": not wrong, "wrong": wrong, "mode": settings.MODE}
    return JsonResponse(body, status=503 if wrong else 200)
