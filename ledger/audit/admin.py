"""The auditor's pages: events, seals, checkpoints. Nothing here can be changed."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateTimeFilter

from ledger.audit import queries
from ledger.audit.models import Checkpoint, Event, Seal
from ledger.doors.admin import ReadOnlyAdmin, named, site
from ledger.kernel.actors import Actor

ACTOR = named("actor_id", gettext_lazy("actor"))
PARTY = named("party_id", gettext_lazy("acting for"))
READING = (".read", ".exported", ".downloaded")


class ReadingFilter(admin.SimpleListFilter):
    """Who read what: the events of looking, exporting and downloading."""

    title = gettext_lazy("reading")
    parameter_name = "reading"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("read, exported, downloaded")), ("no", _("changes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        reading = Q()
        for ending in READING:
            reading |= Q(verb__endswith=ending)
        if self.value() is None:
            return queryset
        return queryset.filter(reading if self.value() == "yes" else ~reading)


@admin.register(Event, site=site)
class EventAdmin(ReadOnlyAdmin):
    list_display = (
        "happened_at",
        "verb",
        "subject",
        ACTOR,
        PARTY,
    )
    list_filter = (
        ("verb", FieldTextFilter),
        ("subject", FieldTextFilter),
        ("actor_id", FieldTextFilter),
        ("happened_at", RangeDateTimeFilter),
        ReadingFilter,
    )
    search_fields = ("subject", "verb")
    ordering = ("-id",)
    fields = (
        "event_id",
        "happened_at",
        "verb",
        "subject",
        ACTOR,
        PARTY,
        "show_number",
        "show_leaf",
        "show_chain",
        "show_body",
    )
    readonly_fields = fields

    def scope(self, queryset: QuerySet[Event], actor: Actor) -> QuerySet[Event]:
        return queryset.filter(party_id=actor.party_id) if actor.party_id else queryset.none()

    @admin.display(description=gettext_lazy("body"))
    def show_body(self, event: Event) -> str:
        try:
            return json.dumps(json.loads(bytes(event.body)), ensure_ascii=False, indent=2)
        except ValueError:
            return bytes(event.body).hex()

    @admin.display(description=gettext_lazy("leaf hash"))
    def show_leaf(self, event: Event) -> str:
        return bytes(event.leaf_hash).hex()

    @admin.display(description=gettext_lazy("number in the log"))
    def show_number(self, event: Event) -> str:
        seal = queries.find_seal(event)
        return str(seal.seq) if seal else _("not sealed yet")

    @admin.display(description=gettext_lazy("chain value"))
    def show_chain(self, event: Event) -> str:
        seal = queries.find_seal(event)
        return bytes(seal.chain_hash).hex() if seal else ""

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        if obj is None:
            return {}
        history = f"{reverse('audit_history')}?subject={obj.subject}"
        return {
            "links": [
                (_("History of this object"), history),
                (_("Download the inclusion proof"), reverse("audit_proof", args=[obj.event_id])),
            ]
        }


@admin.register(Seal, site=site)
class SealAdmin(ReadOnlyAdmin):
    list_display = ("seq", "event_row", "show_chain")
    ordering = ("-seq",)
    search_fields = ("seq",)
    fields = ("seq", "event_row", "show_chain")
    readonly_fields = fields

    def scope(self, queryset: QuerySet[Seal], actor: Actor) -> QuerySet[Seal]:
        own = Event.objects.filter(party_id=actor.party_id).values("pk")
        return queryset.filter(event_row__in=own) if actor.party_id else queryset.none()

    @admin.display(description=gettext_lazy("chain value"))
    def show_chain(self, seal: Seal) -> str:
        return bytes(seal.chain_hash).hex()


@admin.register(Checkpoint, site=site)
class CheckpointAdmin(ReadOnlyAdmin):
    # A checkpoint is public by its nature: it tells the size and the root, and nothing of content.
    open_to_all = True
    list_display = ("tree_size", "made_at", "key_id", "show_root")
    list_filter = (("made_at", RangeDateTimeFilter), ("key_id", FieldTextFilter))
    ordering = ("-id",)
    fields = ("tree_size", "made_at", "key_id", "show_root", "note")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("root"))
    def show_root(self, checkpoint: Checkpoint) -> str:
        return bytes(checkpoint.root_hash).hex()

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        if obj is None:
            return {}
        note = reverse("audit_note", args=[obj.pk])
        return {"links": [(_("Download the signed note"), note)]}
