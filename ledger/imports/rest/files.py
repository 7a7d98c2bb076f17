"""Files on their way in: uploaded, looked at line by line, their problems."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    DetailView,
    Listing,
    ListView,
    WriteView,
    among,
    told_with_files,
)
from ledger.imports import models, operations, queries
from ledger.imports.records import DateOrder
from ledger.imports.states import ImportState


class ImportRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    target = serializers.CharField(help_text="What the file goes into.")
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    account_id = serializers.UUIDField(allow_null=True)
    as_of = serializers.DateField()
    layout = serializers.CharField(help_text="Empty: read by a mapping, or not read yet.")
    mapping_id = serializers.UUIDField(allow_null=True)
    headings = serializers.JSONField()
    state = serializers.CharField()
    line_count = serializers.IntegerField()
    record_count = serializers.IntegerField()
    problem_count = serializers.IntegerField(help_text="They keep the file out.")
    notice_count = serializers.IntegerField()
    will_write = serializers.JSONField(source="summary")
    result = serializers.JSONField()
    job_id = serializers.UUIDField(allow_null=True)
    approval_id = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField()
    uploaded_at = serializers.DateTimeField()
    moved_at = serializers.DateTimeField()


def told_of(row: models.Import, *, status: int = 201) -> Answer:
    body = dict(ImportRow(row).data)
    return Answer(status=status, body=body, location=f"/api/v1/imports/{row.pk}/")


class FileToTakeIn(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="CSV (UTF-8 or GB18030) or XLSX.")
    target = serializers.CharField(max_length=30)
    as_of = serializers.DateField()
    account_id = serializers.UUIDField(
        required=False, default=None, help_text="For lines that name no account."
    )
    is_one_account = serializers.BooleanField(
        required=False, default=False, help_text="Every line belongs to `account_id`."
    )
    layout = serializers.CharField(required=False, default="", max_length=60)
    mapping_id = serializers.UUIDField(required=False, default=None)
    date_order = serializers.ChoiceField(
        choices=[one.value for one in DateOrder], required=False, default=""
    )


class Imports(ListView, WriteView):
    """Files of your party, newest first; or upload one (multipart/form-data).

    Its layout is recognised by its headings, unless one is named; a worker then reads it. The same
    file for the same account changes nothing.
    """

    row = ImportRow
    gives = ImportRow
    gives_status = 201
    operation: ClassVar[str] = "imports.upload_file"
    body = FileToTakeIn
    parser_classes = [MultiPartParser]
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class ImportFilters(Listing):
        state = serializers.ChoiceField(choices=ImportState.values, required=False)
        target = serializers.CharField(required=False, max_length=30)

    filters = ImportFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.imports_of(self.actor), asked, "state", "target")

    def told(self, request: Request) -> Any:
        return told_with_files(request)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        self._check_account(asked)
        plain = ("target", "as_of", "account_id", "is_one_account", "layout", "mapping_id")
        made = operations.upload_file(
            content=asked["file"],
            name=asked["file"].name,
            **{name: asked[name] for name in plain},
            date_order=asked["date_order"],
            by=self.actor,
            at=self.at,
        )
        return told_of(queries.get_own_import(made.import_id, by=self.actor))

    def _check_account(self, asked: Mapping[str, Any]) -> None:
        wanted = asked["account_id"]
        if wanted and str(wanted) not in dict(queries.account_choices(by=self.actor)):
            fault = serializers.ErrorDetail(_("There is no such account."), code="unknown")
            raise serializers.ValidationError({"account_id": [fault]})


class OneImport(DetailView):
    """A file of your party: its state, what it will write or wrote, and its job."""

    row = ImportRow

    def find(self, **path: Any) -> Any:
        return queries.get_own_import(path["import_id"], by=self.actor)


class LineRow(serializers.Serializer[Any]):
    row_number = serializers.IntegerField()
    part = serializers.IntegerField(source="line", help_text="A line may say several things.")
    raw = serializers.JSONField(help_text="As it came, in the order of the headings.")
    record = serializers.JSONField(allow_null=True, help_text="What it says.")


class Lines(ListView):
    """The lines of a file as they came, and what each says."""

    row = LineRow

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        row = queries.get_own_import(self.kwargs["import_id"], by=self.actor)
        return queries.lines_of(row)


class ProblemRow(serializers.Serializer[Any]):
    row_number = serializers.IntegerField(help_text="0: the file as a whole.")
    part = serializers.IntegerField(source="line")
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField(source="text", help_text="In the language asked for.")
    is_blocking = serializers.BooleanField(help_text="It keeps the file out.")


class Problems(ListView):
    """Every problem of a file: row, column, reason."""

    row = ProblemRow
    orders = {"row": ("row_number", "id"), "id": ("id",)}
    default_order = "row"

    class ProblemFilters(Listing):
        is_blocking = serializers.BooleanField(required=False)
        code = serializers.CharField(required=False, max_length=60)

    filters = ProblemFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        row = queries.get_own_import(self.kwargs["import_id"], by=self.actor)
        return among(queries.problems_of(row).order_by(), asked, "is_blocking", "code")
