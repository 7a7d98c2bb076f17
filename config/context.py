"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def mode(request: HttpRequest) -> dict[str, bool]:
    """Demonstration data is marked as such on every page."""
    return {"is_demonstration": settings.MODE == "demo"}
