"""Invitations and forgotten passwords: a link by mail, good once and for a while."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ledger.doors.admin import refusal_text
from ledger.kernel.errors import DomainError
from ledger.parties import forms, mail, operations, queries
from ledger.parties.models import User

TOKEN, WHO = "password_token", "password_user"


@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: Any) -> HttpResponse:
    """Ask for a link. The answer is the same whether the address is known or not."""
    form = forms.Email(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = queries.find_user_by_email(form.cleaned_data["email"])
        if user is not None and user.is_active:
            site = f"{request.scheme}://{request.get_host()}"
            mail.ask_for_link(user=user, occasion="reset", site=site, at=request.at)
        return render(request, "ledger/parties/link_sent.html")
    return render(request, "ledger/parties/forgotten.html", {"form": form})


@never_cache
def follow(request: Any, who: str, token: str) -> HttpResponse:
    """Take the secret out of the address at once, so that it is in no history and no Referer."""
    request.session[WHO], request.session[TOKEN] = who, token
    return redirect("new-password")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def new_password(request: Any) -> HttpResponse:
    user = _user_of_link(request)
    if user is None:
        return render(request, "ledger/parties/link_used.html", status=410)
    form = forms.NewPassword(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_password(
                password=form.cleaned_data["password"], by=queries.oneself(user.id), at=request.at
            )
        except DomainError as error:
            form.add_error("password", refusal_text(error))
        else:
            request.session.flush()
            messages.success(request, _("Your password is set. Please sign in."))
            return redirect("sign-in")
    page = {"form": form, "title": _("Choose a password")}
    status = 422 if form.errors else 200
    return render(request, "ledger/parties/new_password.html", page, status=status)


def _user_of_link(request: Any) -> User | None:
    who, token = request.session.get(WHO, ""), request.session.get(TOKEN, "")
    try:
        user = User.objects.filter(id=UUID(urlsafe_base64_decode(who).decode())).first()
    except (ValueError, TypeError, OverflowError):
        return None
    if user is None or not user.is_active or not default_token_generator.check_token(user, token):
        return None
    return user
