"""Who may come in, and what everybody else is told: always the same."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from finance.pledges import queries as pledges
from finance.pledges.states import RequestState
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound

View = Callable[..., HttpResponse]


def bank_page(methods: tuple[str, ...] = ("GET", "HEAD")) -> Callable[[View], View]:
    """A page for bank officers. Not yours, not there and not for you look the same."""

    def dressed(view: View) -> View:
        @require_http_methods(list(methods))
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None or not actor.has(Role.BANK_OFFICER):
                return not_there(request)
            try:
                answer = view(request, *args, **kwargs)
            except (NotFound, Http404):
                return not_there(request)
            add_never_cache_headers(answer)
            return answer

        return guarded

    return dressed


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(status=302)
    answer["Location"] = f"{reverse('sign-in')}?{urlencode({'next': request.path})}"
    return answer


def not_there(request: HttpRequest, **_path: Any) -> HttpResponse:
    """One page, without address, name or token in it: two of them cannot be told apart."""
    answer = render(request, "config/bank/not_there.html", status=404)
    answer["Cache-Control"] = "no-store"  # no `Expires`: it would tell two answers apart
    return answer


def page(request: HttpRequest, template: str, context: dict[str, Any], **more: Any) -> HttpResponse:
    """A page of the portal with its menu."""
    waiting = pledges.requests_seen_by(actor(request)).filter(
        state=RequestState.WAITING, pledge__creditor_id=actor(request).own_party
    )
    told = {**context, "waiting_count": waiting.count()}
    return render(request, f"config/bank/{template}.html", told, **more)


def actor(request: HttpRequest) -> Actor:
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found
