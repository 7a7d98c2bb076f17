"""How a file is to be read: known layouts, kept mappings, and the choice between them."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    READERS,
    ApiView,
    ListView,
    WriteView,
)
from ledger.imports import layouts, mapping, models, operations, queries
from ledger.imports.records import DateOrder
from ledger.imports.rest.steps import Step


class Layouts(serializers.Serializer[Any]):
    class Layout(serializers.Serializer[Any]):
        code = serializers.CharField()
        name = serializers.CharField()
        required_headings = serializers.ListField(child=serializers.CharField())

    items = Layout(many=True)


class KnownLayouts(ApiView):
    """Layouts of registries' files that are known."""

    may = {"GET": READERS}
    responses = {"200": Layouts}

    def get(self, request: Request) -> Response:
        items = [
            {
                "code": one.code,
                "name": _(one.name),
                "required_headings": sorted(one.required_headers),
            }
            for one in layouts.all_layouts()
        ]
        return Response(Layouts({"items": items}).data)


class MappingRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    is_shared = serializers.BooleanField()
    is_unconfirmed = serializers.BooleanField()
    content = serializers.JSONField()
    made_at = serializers.DateTimeField()


class MappingToSave(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    is_shared = serializers.BooleanField(required=False, default=False)
    is_confirmed = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Compared with the registry's own description of its columns.",
    )
    act = serializers.ChoiceField(choices=list(dict(mapping.ACTS)), help_text="What a line says.")
    scheme = serializers.CharField(required=False, default="", max_length=30)
    registry = serializers.CharField(required=False, default="", max_length=30)
    measure = serializers.CharField(required=False, default="t", max_length=10)
    told_in = serializers.ChoiceField(
        choices=list(mapping.MEASURES),
        required=False,
        default="",
        help_text=(
            "What quantities are told in; empty: units, as the scheme counts them. Where a column "
            "names the scheme or the measure, each line is counted by its own."
        ),
    )
    columns = serializers.DictField(
        child=serializers.CharField(max_length=200), help_text="Field → heading of the file."
    )
    constants = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=dict,
        help_text="Field → what it is for every line, or where its cell is empty.",
    )
    dates = serializers.ChoiceField(
        choices=[one.value for one in DateOrder], required=False, default=DateOrder.ISO.value
    )
    key = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=list,
        help_text="Headings that together name a line.",
    )

    def validate_columns(self, value: dict[str, str]) -> dict[str, str]:
        return _known(value, mapping.FIELDS)

    def validate_constants(self, value: dict[str, str]) -> dict[str, str]:
        return _known(value, mapping.CONSTANTS)


def _known(value: dict[str, str], fields: Iterable[str]) -> dict[str, str]:
    """:raises ValidationError: a field that there is not"""
    if strangers := sorted(set(value) - set(fields)):
        fault = _("No such field: %(odd)s. Fields are: %(known)s.")
        said = fault % {"odd": ", ".join(strangers), "known": ", ".join(sorted(fields))}
        raise serializers.ValidationError(said, code="unknown")
    return value


class Mappings(ListView, WriteView):
    """Column mappings of your party and those shared with all; or keep one."""

    row = MappingRow
    gives = MappingRow
    gives_status = 201
    operation: ClassVar[str] = "imports.save_mapping"
    body = MappingToSave

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        newest = queries.mappings_of(self.actor).values("pk")
        return models.Mapping.objects.filter(pk__in=newest)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        about = ("name", "is_shared", "is_confirmed")
        made = operations.save_mapping(
            name=asked["name"],
            is_shared=asked["is_shared"],
            is_unconfirmed=not asked["is_confirmed"],
            content={name: value for name, value in asked.items() if name not in about},
            by=self.actor,
            at=self.at,
        )
        return Answer(status=201, body=dict(MappingRow(made).data))


class LayoutChoices(Step):
    """Say how a waiting file is to be read: by a layout, or by a mapping. A worker reads it."""

    operation: ClassVar[str] = "imports.choose_layout"

    class LayoutChoice(serializers.Serializer[Any]):
        layout = serializers.CharField(required=False, default="", max_length=60)
        mapping_id = serializers.UUIDField(required=False, allow_null=True, default=None)

        def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
            if bool(attrs["layout"]) == bool(attrs["mapping_id"]):
                fault = _("Name a layout or a mapping, one of the two.")
                raise serializers.ValidationError({"layout": fault}, code="one_of_two")
            return attrs

    body = LayoutChoice

    def step(self, asked: Mapping[str, Any], **path: Any) -> None:
        operations.choose_layout(import_id=path["import_id"], **asked, by=self.actor, at=self.at)
