"""The page for strangers: is this document authentic, and is it still current?

Nothing is kept, nobody is signed in. It says nothing that the document does not say, but whether
a later one has taken its place.
"""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from ledger.doors import limits
from reporting.attestations import checking, forms

LARGEST_FILE = 20_000_000


class Shown(NamedTuple):
    """What the page says: the verifier's answer, and what the document is worth today."""

    is_authentic: bool | None
    lines: list[str]
    remarks: list[str]
    standing: str


# nothing changes here and no cookie counts: there is nothing to forge
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, number: str = "") -> HttpResponse:
    """The form; and the answer to a file, or to the hash on a seal."""
    if request.method != "POST":
        return _page(request, forms.VerifyForm(), None)
    try:
        wait = limits.count_visit(request, at=timezone.now())
    except limits.LimitsUnknown:
        return _page(request, forms.VerifyForm(), None, status=503, said=_("Try again later."))
    if wait:
        said = _("Too many documents from your address. Try again in a minute.")
        answer = _page(request, forms.VerifyForm(), None, status=429, said=said)
        answer["Retry-After"] = str(wait)
        return answer
    # before the body is read
    if int(request.headers.get("Content-Length") or LARGEST_FILE + 1) > LARGEST_FILE:
        said = _("The file is too large: 20 MB at most.")
        return _page(request, forms.VerifyForm(), None, status=413, said=said)
    form = forms.VerifyForm(request.POST, request.FILES)
    return _page(request, form, _answered(form) if form.is_valid() else None)


def _answered(form: forms.VerifyForm) -> Shown | None:
    file, sha256 = form.cleaned_data["file"], form.cleaned_data["sha256"].lower()
    if file is not None:
        return Shown(*checking.judge(file.read()))
    if sha256:
        return Shown(None, [], [], checking.standing_of([sha256]))
    form.add_error(None, _("Choose a file, or type the SHA-256."))
    return None


def _page(
    request: HttpRequest,
    form: forms.VerifyForm,
    shown: Shown | None,
    *,
    status: int = 200,
    said: str = "",
) -> HttpResponse:
    page: dict[str, Any] = {"form": form, "shown": shown, "said": said}
    return render(request, "reporting/attestations/verify.html", page, status=status)


@require_safe
@never_cache
def trust(request: HttpRequest) -> HttpResponse:
    """The keys of this ledger in the form that the offline verifier reads."""
    return HttpResponse(checking.trust_text(), content_type="text/plain; charset=utf-8")
