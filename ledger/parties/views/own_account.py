"""What a person keeps for herself: second factor, password, sessions, language, party."""

from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from ledger.doors.admin import refusal_text
from ledger.kernel.errors import DomainError
from ledger.parties import forms, operations, queries
from ledger.parties.middleware import PARTY
from ledger.parties.models import User
from ledger.parties.views import signing_in

NEW_KEY = "new_totp_key"


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: Any) -> HttpResponse:
    """Set up an authenticator app: at the first sign-in where roles ask for it, or of choice."""
    user = _who(request)
    if user is None:
        return redirect("sign-in")
    if queries.has_second_factor(user.id) and not _is_verified(request):
        return redirect("sign-in-code")  # a former factor is replaced only by who can show it
    key = request.session.setdefault(NEW_KEY, random_hex(20))
    form = forms.Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = operations.enrol_second_factor(
                key=key, code=form.cleaned_data["code"], by=queries.oneself(user.id), at=request.at
            )
            return _enrolled(request, user, codes)
        except DomainError as error:
            form.add_error("code", refusal_text(error))
    address = TOTPDevice(user=user, key=key).config_url
    page = {
        "form": form,
        "qr": segno.make(address, error="m").svg_data_uri(scale=5, border=2),
        "secret": _readable(address),
    }
    status = 422 if form.errors else 200
    return render(request, "ledger/parties/second_factor.html", page, status=status)


def _enrolled(request: Any, user: User, codes: list[str]) -> HttpResponse:
    del request.session[NEW_KEY]
    device = TOTPDevice.objects.get(user=user)
    response = signing_in.enter(request, user, factor="totp", device=device)
    page = render(
        request,
        "ledger/parties/recovery_codes.html",
        {"codes": codes, "next": response["Location"]},
    )
    page.cookies = response.cookies
    return page


def _readable(address: str) -> str:
    """The secret in base 32, in groups of four, for whoever cannot scan."""
    secret = address.split("secret=")[1].split("&", maxsplit=1)[0]
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


def _who(request: Any) -> User | None:
    if request.user.is_authenticated:
        return queries.get_user(request.user.pk)
    return signing_in.pending_user(request)


def _is_verified(request: Any) -> bool:
    return bool(request.user.is_authenticated and request.user.is_verified())


@never_cache
@login_required
def account(request: Any) -> HttpResponse:
    """One's own page: roles, sessions, password, second factor, language."""
    page = {
        "memberships": request.memberships,
        "sessions": queries.live_sessions(user_id=request.user.pk, at=request.at),
        "session_key": request.session.session_key,
        "has_second_factor": queries.has_second_factor(request.user.pk),
        "needs_second_factor": queries.needs_second_factor(one.role for one in request.memberships),
    }
    return render(request, "ledger/parties/account.html", page)


@never_cache
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: Any) -> HttpResponse:
    form = forms.ChangePassword(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_password(
                present=form.cleaned_data["present"],
                password=form.cleaned_data["password"],
                by=queries.oneself(request.user.pk),
                at=request.at,
            )
        except DomainError as error:
            form.add_error(None, refusal_text(error))
        else:
            return _signed_out_everywhere(request)
    page = {"form": form, "title": _("Change your password")}
    status = 422 if form.errors else 200
    return render(request, "ledger/parties/new_password.html", page, status=status)


@login_required
@require_POST
def end_session(request: Any, session_id: UUID) -> HttpResponse:
    try:
        by = queries.oneself(request.user.pk)
        operations.end_session(session_id=session_id, by=by, at=request.at)
    except DomainError as error:
        messages.error(request, refusal_text(error))
    return redirect("account")


@login_required
@require_POST
def sign_out_everywhere(request: Any) -> HttpResponse:
    operations.end_all_sessions(by=queries.oneself(request.user.pk), at=request.at)
    return _signed_out_everywhere(request)


def _signed_out_everywhere(request: Any) -> HttpResponse:
    request.session.flush()
    messages.success(request, _("You are signed out everywhere. Please sign in again."))
    return redirect("sign-in")


@never_cache
@login_required
@require_POST
def recovery_codes(request: Any) -> HttpResponse:
    try:
        codes = operations.make_recovery_codes(by=queries.oneself(request.user.pk), at=request.at)
    except DomainError as error:
        messages.error(request, refusal_text(error))
        return redirect("account")
    page = {"codes": codes, "next": "/account/"}
    return render(request, "ledger/parties/recovery_codes.html", page)


@login_required
@require_POST
def remove_second_factor(request: Any) -> HttpResponse:
    try:
        operations.remove_second_factor(by=queries.oneself(request.user.pk), at=request.at)
    except DomainError as error:
        messages.error(request, refusal_text(error))
    return redirect("account")


@require_POST
def language(request: Any) -> HttpResponse:
    """Switch the language; remembered for whoever is signed in."""
    wanted = request.POST.get("language", "")
    back = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
    response = redirect(signing_in.safe(request, back))
    if wanted in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            by = queries.oneself(request.user.pk)
            operations.choose_language(language=wanted, by=by, at=request.at)
        signing_in.set_language_cookie(response, wanted)
    return response


@login_required
@require_POST
def switch_party(request: Any) -> HttpResponse:
    """Act for another party from now on: one that gives this person a role today."""
    wanted = request.POST.get("party", "")
    mine = {str(one.party_id): one.party for one in request.memberships}
    if wanted in mine:
        request.session[PARTY] = wanted
        name = queries.shown_name(mine[wanted])
        messages.success(request, _("You now act for %(party)s.") % {"party": name})
    return redirect(signing_in.safe(request, request.POST.get("next", "")))
