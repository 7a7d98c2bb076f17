"""The caller's own notices, for machines."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.doors.idempotency import Answer
from ledger.doors.rest import READERS, DetailView, Listing, ListView, WriteView
from ledger.notices import operations, queries
from ledger.notices.rules import beijing_day


class Notice(serializers.Serializer[Any]):
    """What should be known; the sentence is in the language that the request asks for."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    severity = serializers.IntegerField(help_text="1 for information, 2 needs action, 3 urgent.")
    sentence = serializers.SerializerMethodField()
    params = serializers.JSONField(help_text="The codes and numbers that the sentence says.")
    subject = serializers.CharField(help_text="What it is about, as room.Model:id.")
    due_on = serializers.DateField(allow_null=True)
    reminders = serializers.IntegerField(source="round")
    first_seen_at = serializers.DateTimeField(source="created_at")
    settled_at = serializers.DateTimeField(allow_null=True)
    is_unread = serializers.SerializerMethodField()

    def get_sentence(self, notice: Any) -> str:
        return queries.told(notice).sentence

    def get_is_unread(self, notice: Any) -> bool:
        return queries.is_unread(notice)


class Notices(ListView):
    """Notices to your roles at your party, newest first."""

    row = Notice
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class NoticeFilters(Listing):
        show = serializers.ChoiceField(choices=list(queries.SHOWS), required=False, default="open")
        kind = serializers.CharField(required=False, max_length=60)
        severity = serializers.IntegerField(required=False, min_value=1, max_value=3)

    filters = NoticeFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = ("kind", "severity")
        seen = queries.inbox(self.actor, on=beijing_day(self.at), show=asked["show"])
        return seen.filter(**{name: asked[name] for name in named if name in asked})


class OneNotice(DetailView):
    """One notice to you."""

    row = Notice

    def find(self, **path: Any) -> Any:
        return queries.get_notice(path["notice_id"], self.actor)


class ReadMark(WriteView):
    """Mark a notice as read by you."""

    class Body(serializers.Serializer[Any]):
        """Nothing need be said."""

    operation = "notices.mark_read"
    also = READERS
    body = Body
    gives = Notice
    gives_status = 200

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        by = queries.reader(self.actor)
        operations.mark_read(notice_id=path["notice_id"], by=by, at=self.at)
        told = Notice(queries.get_notice(path["notice_id"], by)).data
        return Answer(status=200, body=dict(told))
