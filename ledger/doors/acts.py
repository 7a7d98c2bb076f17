"""Acts of the desk: a form if needed, a page that says what will happen, then it."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from unfold import widgets

from ledger.doors.permissions import MAY
from ledger.doors.wording import refusal_text
from ledger.kernel.actors import Actor
from ledger.kernel.errors import DomainError

F = TypeVar("F", bound=forms.Form)
Choices = Iterable[tuple[str, str]]
# A select longer than this can be searched.
LONG_SELECT = 12


def actor_of(request: HttpRequest) -> Actor:
    """Who asks. The site has made sure that somebody is signed in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


class ConfirmedAction:
    """An act on one object: a form if needed, then a page that says what will happen, then it.

    `operation` is its name in the table of permissions: the button shows only to who may.
    A file cannot travel through the confirm page: an act that takes one sets `asks_first` False
    and says in its form what will happen.
    """

    name: ClassVar[str]
    title: ClassVar[Any]
    operation: ClassVar[str]
    form_class: ClassVar[type[forms.Form] | None] = None
    icon: ClassVar[str] = "bolt"
    dangerous: ClassVar[bool] = False
    asks_first: ClassVar[bool] = True

    def is_offered(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the button shows for this object; the operation decides again."""
        return True

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {}

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        """For a field that names a party, an account, a lot …: what this actor may choose from.

        Value (an id) and the name to show. What is not among them is refused by the form.
        """
        return {}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        """What will happen, in plain sentences of the reader's language."""
        raise NotImplementedError

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        """Call the operation; return the sentence that says what was done.

        :raises DomainError: refused
        """
        raise NotImplementedError

    def may(self, actor: Actor) -> bool:
        return not actor.roles.isdisjoint(MAY.get(self.operation, frozenset()))


class ToldAction(ConfirmedAction):
    """An act that the actor's own word is enough for.

    `operate` is the operation, `about` what it calls the object's id, `done` the sentence after it.
    """

    operate: ClassVar[Any]
    about: ClassVar[str]
    done: ClassVar[Any]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        type(self).operate(
            **{self.about: obj.pk}, **data, by=actor_of(request), at=timezone.now(),
            idempotency_key=key,
        )  # fmt: skip
        return str(self.done)


def confirmed(
    request: HttpRequest, action: ConfirmedAction, obj: Any, back: str, context: dict[str, Any]
) -> HttpResponse:
    """The three pages of an act: fill in, read what will happen, done."""
    form = _form(request, action, obj)
    page: dict[str, Any] = {**context, "action": action, "object": obj, "form": form, "back": back}
    page["title"] = action.title
    ready = request.method == "POST" and (form is None or form.is_valid())
    if form is not None and not ready:
        return render(request, "ledger/doors/act_form.html", page)
    data = form.cleaned_data if form is not None else {}
    page["key"] = request.POST.get("idempotency_key") or str(uuid4())
    try:
        sure = request.POST.get("confirmed") == "yes" or not action.asks_first
        if request.method == "POST" and sure:
            messages.success(request, action.perform(request, obj, data, page["key"]))
            return redirect(back)
        page["sentences"] = action.describe(request, obj, data)
    except DomainError as error:
        page["refusal"] = refusal_text(error)
        page["refusal_code"] = error.code
        template = "act_form" if form is not None else "act_confirm"
        return render(request, f"ledger/doors/{template}.html", page, status=409)
    page["hidden"] = [
        (name, value)
        for name in request.POST
        for value in request.POST.getlist(name)
        if name not in {"csrfmiddlewaretoken", "confirmed", "idempotency_key"}
    ]
    return render(request, "ledger/doors/act_confirm.html", page)


def _form(request: HttpRequest, action: ConfirmedAction, obj: Any) -> forms.Form | None:
    if action.form_class is None:
        return None
    if request.method == "POST":
        form = action.form_class(request.POST, request.FILES)
    else:
        form = action.form_class(initial=dict(action.initial(request, obj)))
    for name, found in action.choices(request, obj).items():
        field: Any = form.fields[name]
        field.choices = [("", "—"), *found]
    return dressed(form)


def dressed(form: F) -> F:
    """The same plain form in the theme's clothes; days get the browser's own calendar."""
    for field in form.fields.values():
        widget = field.widget
        if isinstance(widget, forms.FileInput):
            # the theme's script wants its own markup around a file, or it breaks the page
            field.widget = widgets.UnfoldAdminFileFieldWidget()
            continue
        if isinstance(widget, forms.DateInput):
            widget.input_type, widget.format = "date", "%Y-%m-%d"
        if type(widget) is forms.Select and len(list(widget.choices)) > LONG_SELECT:
            search: Any = widgets.UnfoldAdminSelect2Widget(attrs=widget.attrs)
            search.is_required, search.choices = widget.is_required, widget.choices
            field.widget = search
            continue
        if isinstance(widget, forms.Select):
            classes = widgets.SELECT_CLASSES
            if type(widget) is forms.Select:  # with the theme's arrow: it is no box to type in
                widget.template_name = widgets.UnfoldAdminSelectWidget.template_name
        elif isinstance(widget, forms.Textarea):
            classes = widgets.TEXTAREA_CLASSES
        elif isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
            classes = widgets.CHECKBOX_CLASSES
        else:
            classes = widgets.INPUT_CLASSES
        widget.attrs.setdefault("class", " ".join(classes))
    return form
