"""Who may come in, and what everybody else is told: always the same."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from ledger.doors.admin import refusal_text
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import DomainError, NotFound

View = Callable[..., HttpResponse]
READ = ("GET", "HEAD")
ACT = ("GET", "HEAD", "POST")
REFUSED = 422


def verifier_page(methods: tuple[str, ...] = READ) -> Callable[[View], View]:
    """A page for verifiers. Not yours, not there and not for you look the same."""

    def dressed(view: View) -> View:
        @require_http_methods(list(methods))
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            found: Actor | None = getattr(request, "actor", None)
            if found is None or not found.has(Role.VERIFIER):
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


def actor(request: HttpRequest) -> Actor:
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def page(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    return render(request, f"config/verifier/{template}.html", dict(context))


def act(
    request: HttpRequest,
    form: forms.Form | None,
    do: Callable[[dict[str, Any]], str],
    *,
    done: Any,
    **told: Any,
) -> HttpResponse:
    """The page of an act: a form that says what will happen; done, it leads where `do` says.

    `told`: title, sentences, button, and back, the address of the page it belongs to.
    """
    refusal = ""
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            target = do(form.cleaned_data if form is not None else {})
        except NotFound:
            raise
        except DomainError as error:
            refusal = refusal_text(error)
        else:
            messages.success(request, str(done))
            return redirect(target)
    context = {"form": form, "refusal": refusal, **told}
    status = REFUSED if refusal or (form is not None and form.errors) else 200
    return render(request, "config/verifier/act.html", context, status=status)
