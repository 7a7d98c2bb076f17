"""`/help/`: the handbooks of the reader's roles; each role's can be opened by everybody."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from config.handbooks.reading import HEADINGS, blocks_of, part_of, title_of
from ledger.kernel.actors import Actor, Role

FOLDER = settings.BASE_DIR / "docs" / "how-to"
# Who reads what: the first of these that she is. The last is for everybody's first day.
HANDBOOKS = {
    Role.CARBON_MANAGER: "carbon-manager",
    Role.APPROVER: "approver",
    Role.DATA_OFFICER: "data-officer",
    Role.FUND_MANAGER: "fund-manager",
    Role.VERIFIER: "verifier",
    Role.BANK_OFFICER: "bank",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "administrator",
}
FIRST_DAY = "park-operator"
NAMES = (*HANDBOOKS.values(), FIRST_DAY)


def _language() -> str:
    spoken = get_language() or "en"
    return spoken if spoken in HEADINGS else "en"


def _text(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text("utf-8")


@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """To the handbook of what she is."""
    actor: Actor | None = getattr(request, "actor", None)
    roles = actor.roles if actor is not None else frozenset()
    name = next((name for role, name in HANDBOOKS.items() if role in roles), FIRST_DAY)
    return redirect("handbook", name=name)


@login_required
@require_safe
def handbook(request: HttpRequest, name: str) -> HttpResponse:
    """One handbook, and the way to the others."""
    if name not in NAMES:
        raise Http404
    language, text = _language(), _text(name)
    page = {
        "name": name,
        "title": title_of(text, language),
        "blocks": list(blocks_of(part_of(text, language))),
        "others": [(one, title_of(_text(one), language)) for one in NAMES],
    }
    return render(request, "config/handbook.html", page)
