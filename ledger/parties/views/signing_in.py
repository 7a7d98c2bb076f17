"""The front door: password, then the second factor, then in. Nobody is signed in half-way."""

from typing import Any

import django_otp
from django import forms as django_forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import devices_for_user, verify_token

from ledger.parties import forms, operations, queries
from ledger.parties.middleware import SIGNED_IN_AT
from ledger.parties.models import User

PENDING, PENDING_AT, NEXT = "pending_user", "pending_at", "next"
PENDING_SECONDS = 600
BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: Any) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_next(request)) if request.actor else _no_role(request)
    form = forms.SignIn(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(
            request,
            username=form.cleaned_data["email"].strip().lower(),
            password=form.cleaned_data["password"],
        )
        if isinstance(user, User):
            return _first_step_done(request, user)
        form.add_error(None, _("The e-mail address or the password is wrong."))
    page = {"form": form, "next": request.GET.get("next", "")}
    return render(request, "ledger/parties/sign_in.html", page, status=_status(form))


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: Any) -> HttpResponse:
    """The second step, for whoever has a second factor."""
    user = pending_user(request)
    if user is None:
        return redirect("sign-in")
    form = forms.Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = matching_device(user, form.cleaned_data["code"])
        if device is not None:
            return enter(request, user, factor=device.name, device=device)
        form.add_error("code", _("The code is wrong or was used already. Wait for the next one."))
    return render(request, "ledger/parties/code.html", {"form": form}, status=_status(form))


@never_cache
@require_http_methods(["GET", "POST"])
def sign_out(request: Any) -> HttpResponse:
    if request.method == "POST":
        leave(request)
        return redirect("sign-in")
    return render(request, "ledger/parties/sign_out.html")


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Called by django-axes instead of the page, while a login is closed after failures."""
    user = queries.find_user_by_email(request.POST.get("email", ""))
    # Only the failure that closed the login: later knocks are not worth an event each.
    if user is not None and getattr(request, "axes_failures_since_start", None):
        operations.record_lock_out(by=queries.oneself(user.id), at=timezone.now())
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    page = {"minutes": minutes}
    return render(request, "ledger/parties/locked_out.html", page, status=429)


def _first_step_done(request: Any, user: User) -> HttpResponse:
    held = queries.memberships_on(user_id=user.id, on=timezone.localdate(request.at))
    request.session.cycle_key()
    request.session[NEXT] = request.POST.get("next", "")
    if queries.has_second_factor(user.id):
        return _wait_for(request, user, "sign-in-code")
    if queries.needs_second_factor(one.role for one in held):
        return _wait_for(request, user, "second-factor")
    return enter(request, user, factor="password")


def _wait_for(request: Any, user: User, step: str) -> HttpResponse:
    request.session[PENDING] = str(user.id)
    request.session[PENDING_AT] = int(request.at.timestamp())
    return redirect(step)


def pending_user(request: Any) -> User | None:
    """Who has shown her password in this session but not yet the second factor."""
    asked, since = request.session.get(PENDING), request.session.get(PENDING_AT, 0)
    if not asked or request.at.timestamp() - since > PENDING_SECONDS:
        return None
    return User.objects.filter(id=asked, is_active=True).first()


def matching_device(user: User, shown: str) -> Any:
    """The device that accepts what was typed; guessing is slowed down by the device itself."""
    for device in devices_for_user(user):
        found = verify_token(user, device.persistent_id, shown)
        if found is not None:
            return found
    return None


def enter(request: Any, user: User, *, factor: str, device: Any = None) -> HttpResponse:
    """Sign in for good: a new session key, written down, in the reader's language."""
    goal = safe(request, request.session.get(NEXT, ""))
    login(request, user, backend=BACKEND)
    if device is not None:
        django_otp.login(request, device)
    for key in (PENDING, PENDING_AT, NEXT):
        request.session.pop(key, None)
    request.session[SIGNED_IN_AT] = request.at.isoformat()
    request.session.save()
    operations.record_sign_in(
        session_key=request.session.session_key,
        device=request.META.get("HTTP_USER_AGENT", ""),
        address=client_address(request),
        factor=factor,
        by=queries.oneself(user.id),
        at=request.at,
    )
    response = redirect(goal)
    set_language_cookie(response, user.language)
    return response


def leave(request: Any) -> None:
    """Sign this browser out and write the end of the session down."""
    if request.user.is_authenticated:
        key = request.session.session_key
        for one in queries.live_sessions(user_id=request.user.pk, at=request.at):
            if one.session_key == key:
                by = queries.oneself(request.user.pk)
                operations.end_session(session_id=one.id, by=by, at=request.at)
    logout(request)


def set_language_cookie(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 86400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def client_address(request: Any) -> str | None:
    """The address that lock-out counts by too: behind a proxy the one it reports."""
    from axes.helpers import get_client_ip_address

    address: str | None = get_client_ip_address(request)
    return address or None


def _next(request: Any) -> str:
    return safe(request, request.GET.get("next", ""))


def safe(request: HttpRequest, goal: str) -> str:
    """Only addresses of our own: no open redirect."""
    ours = {request.get_host()}
    secure = request.is_secure()
    if url_has_allowed_host_and_scheme(goal, allowed_hosts=ours, require_https=secure):
        return goal
    return settings.LOGIN_REDIRECT_URL or "/"


def _status(form: django_forms.Form) -> int:
    return 422 if form.errors else 200


def _no_role(request: HttpRequest) -> HttpResponse:
    return render(request, "ledger/parties/no_role.html", status=403)


__all__ = ["code", "locked_out", "sign_in", "sign_out"]
