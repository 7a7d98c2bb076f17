"""Stored files for machines: what they are, and their bytes."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request

from ledger.audit import operations as audit
from ledger.doors.admin import download
from ledger.doors.rest import READERS, ApiView, DetailView, Listing, ListView, among
from ledger.files import queries


class FileRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    kind = serializers.CharField(help_text="By its bytes.")
    byte_count = serializers.IntegerField()
    sha256 = serializers.CharField()
    stored_at = serializers.DateTimeField()
    stored_by = serializers.UUIDField()


class Files(ListView):
    """Files of your party, newest first: imports, evidence, reports."""

    row = FileRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class FileFilters(Listing):
        purpose = serializers.CharField(required=False, max_length=40)
        sha256 = serializers.CharField(required=False, max_length=64)

    filters = FileFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.files_of(self.actor).order_by(), asked, "purpose", "sha256")


class OneFile(DetailView):
    """A file of your party."""

    row = FileRow

    def find(self, **path: Any) -> Any:
        return queries.get_file(file_id=path["file_id"], by=self.actor)


class Content(ApiView):
    """The bytes of a file, as they came in. That you took them is on record."""

    may = {"GET": READERS}
    responses = {("200", "application/octet-stream"): OpenApiTypes.BINARY}

    def get(self, request: Request, **path: Any) -> HttpResponse:
        stored = queries.get_file(file_id=path["file_id"], by=self.actor)
        content = queries.content_of(stored)
        audit.record(
            verb="file.downloaded",
            subject=f"files.StoredFile:{stored.pk}",
            by=self.actor,
            at=self.at,
        )
        return download(content, "application/octet-stream", stored.name)
