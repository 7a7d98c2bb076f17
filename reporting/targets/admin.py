"""Targets: set, looked at against what the years came to, withdrawn."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import display

from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import allows, check_transition
from reporting.parks import queries as parks
from reporting.targets import forms, models, operations, queries
from reporting.targets.rules.paths import Stage
from reporting.targets.showing import page
from reporting.targets.states import TRANSITIONS, Coverage, Standing, TargetKind, TargetState

COLOURS = {
    Standing.ON_TRACK: "success",
    Standing.OFF_TRACK: "danger",
    Standing.BROKEN: "danger",
    Standing.NO_DATA: "warning",
}


class SetTarget(ConfirmedAction):
    name, title, operation = "set", gettext_lazy("Set a target"), "targets.set_target"
    form_class = forms.TargetForm
    icon = "flag_circle"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"park_code": parks.park_choices(actor_of(request))}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        stages = [Stage(one["year"], Decimal(one["cut"])) for one in data["stages"]]
        names = queries.coverage_names()
        return [
            f"{data['name_zh']} · {names[data['coverage']]} · {data['base_year']} → "
            f"{page.stages_text(stages)}",
            _("It is never edited: another target takes its place, and this one is withdrawn."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        actor = actor_of(request)
        park = parks.find_park(data["park_code"])
        if park is None:
            raise NotFound
        same = ("name_zh", "name_en", "base_year", "base", "per", "stages", "standard",
                "validation_id", "evidence")  # fmt: skip
        operations.set_target(
            park_id=park.id,
            kind=TargetKind(data["kind"]),
            coverage=Coverage(data["coverage"]),
            **{name: data[name] for name in same},
            by=actor,
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The target is set.")


class Withdraw(ConfirmedAction):
    name, title = "withdraw", gettext_lazy("Withdraw the target")
    operation = "targets.withdraw_target"
    form_class = forms.ReasonForm
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: models.Target) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, TargetState.WITHDRAWN)

    def describe(
        self, request: HttpRequest, obj: models.Target, data: Mapping[str, Any]
    ) -> list[str]:
        return [_("“%(name)s” no longer holds. It stays to be read.") % {"name": str(obj)}]

    def perform(
        self, request: HttpRequest, obj: models.Target, data: Mapping[str, Any], key: str
    ) -> str:
        operations.withdraw_target(
            target_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("Withdrawn.")


def _with_standings(kind: type[Any]) -> type[Any]:
    """A list that reads what is known of the parks once for a page, not for each row."""

    class WithStandings(kind):
        def get_results(self, request: HttpRequest) -> None:
            super().get_results(request)
            rows: list[Any] = list(self.result_list)  # type: ignore[has-type]
            found = queries.standings([queries.view(row) for row in rows])
            for row in rows:
                row.__dict__["standing"] = found[row.pk][0]
            self.result_list = rows

    return WithStandings


@admin.register(models.Target, site=site)
class TargetAdmin(ReadOnlyAdmin):
    list_display = (
        "show_name", "park", "kind", "coverage", "base_year", "show_base", "show_stages",
        "show_standing", "show_validation", "state",
    )  # fmt: skip
    list_filter = ("park", "kind", "coverage", "state")
    search_fields = ("name_zh", "name_en", "standard", "evidence")
    list_select_related = ("park",)
    fields = (
        "name_zh", "name_en", "park", "kind", "coverage", "base_year", "show_base", "per",
        "show_stages", "show_standing", "show_validation", "evidence", "state", "recorded_at",
        "recorded_by", "moved_at", "moved_by",
    )  # fmt: skip
    list_actions = (SetTarget,)
    confirmed_actions = (Withdraw,)
    change_form_template = "reporting/targets/target.html"

    def scope(self, queryset: QuerySet[models.Target], actor: Actor) -> QuerySet[models.Target]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("target"), ordering="name_zh")
    def show_name(self, row: models.Target) -> str:
        return str(row)

    @display(description=gettext_lazy("base"), ordering="base")
    def show_base(self, row: models.Target) -> str:
        places = page.PLACES.get(TargetKind(row.kind), 2)
        return "–" if row.base is None else number_format(row.base, places)

    @display(description=gettext_lazy("stages"))
    def show_stages(self, row: models.Target) -> str:
        return page.stages_text(queries.view(row).stages)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        return _with_standings(super().get_changelist(request, **kwargs))

    @display(description=pgettext_lazy("of a target", "standing"), label=COLOURS)
    def show_standing(self, row: models.Target) -> tuple[str, str]:
        standing = row.__dict__.get("standing") or queries.standing_of(row.pk)[0]
        return standing, queries.standing_names()[standing]

    @display(description=gettext_lazy("validation"))
    def show_validation(self, row: models.Target) -> str:
        return queries.view(row).validation_wording()

    def object_context(self, request: HttpRequest, obj: models.Target | None) -> dict[str, Any]:
        return {} if obj is None else page.shown(queries.view(obj))
