"""How often a machine may ask. Counted in Valkey, over all web processes.

When the count cannot be kept, the API refuses (503) instead of answering without limit: who
empties the queue's memory must not thereby lift the limits. People's pages do not ask for it.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW = 60


class LimitsUnknown(APIException):
    status_code = 503
    default_code = "limits_unknown"
    default_detail = _("The rate of requests cannot be counted now. Please try again later.")


class PerMinute(BaseThrottle):
    """So many reads and so many writes a minute, for each caller."""

    left_seconds = WINDOW

    def allow_request(self, request: Request, view: Any) -> bool:
        """:raises LimitsUnknown: the counter does not answer"""
        at: datetime = request.at  # type: ignore[attr-defined]
        minute, second = divmod(int(at.timestamp()), WINDOW)
        self.left_seconds = WINDOW - second
        kind = "reads" if request.method in SAFE_METHODS else "writes"
        caller = request.user.pk or self.get_ident(request)
        return _count(f"api:{kind}:{caller}:{minute}") <= settings.API_LIMITS[kind]

    def wait(self) -> int:
        return self.left_seconds


def _count(key: str) -> int:
    counts = caches["limits"]
    try:
        counts.add(key, 0, timeout=2 * WINDOW)
        return int(counts.incr(key))
    except (RedisError, OSError, ValueError) as error:
        raise LimitsUnknown from error
