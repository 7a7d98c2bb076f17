"""Disclosures for machines: what frameworks ask, what is told so far, and telling what lacks."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.approvals.proposing import ProposedWrite
from ledger.doors.rest import DetailView, Listing, ListView, among
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotFound
from reporting.disclosures import operations, queries
from reporting.disclosures.assembling.facts import is_told
from reporting.disclosures.queries.composing import overview, period_of
from reporting.disclosures.rules import check_entry
from reporting.disclosures.states import ContentState, EntryKind
from reporting.inventories import queries as inventories

LONGEST = 20_000
DIGITS, DECIMALS = 40, 12


class InBoth(serializers.Serializer[Any]):
    """Our own words in Chinese and in English; no standard's text."""

    zh = serializers.CharField()
    en = serializers.CharField()


# --- what is asked


class FrameworkRow(serializers.Serializer[Any]):
    code = serializers.CharField()
    short = serializers.CharField()
    edition = serializers.CharField()
    title = InBoth()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True, help_text="Exclusive.")
    is_unverified = serializers.BooleanField(
        help_text="The text of the framework was not read; take its list as our reading."
    )
    asked_count = serializers.IntegerField(help_text="Data points that it asks for.")


class FrameworkList(serializers.Serializer[Any]):
    items = FrameworkRow(many=True)


class Frameworks(DetailView):
    """Reporting frameworks of which a report can be made."""

    row = FrameworkList

    def find(self, **path: Any) -> Any:
        plain = ("code", "short", "edition", "title", "valid_from", "valid_to")
        items = [
            {
                **{name: getattr(one, name) for name in plain},
                "is_unverified": one.confidence == "C",
                "asked_count": len(one.asked),
            }
            for one in queries.frameworks().values()
        ]
        return {"items": items}


class DataPointRow(serializers.Serializer[Any]):
    key = serializers.CharField()
    number = serializers.IntegerField(help_text="In our table of data points; 0 beside it.")
    kind = serializers.CharField()
    group = serializers.CharField()
    heading = InBoth()
    unit = serializers.CharField(help_text="Of a figure; told in no other.")
    is_told_by_people = serializers.BooleanField(help_text="No query of the product answers it.")
    asked_by = serializers.ListField(child=serializers.CharField(), help_text="Frameworks.")


class DataPointList(serializers.Serializer[Any]):
    items = DataPointRow(many=True)


class DataPoints(DetailView):
    """Data points: one store of facts, of which every framework is a column."""

    row = DataPointList

    def find(self, **path: Any) -> Any:
        asked_by: dict[str, list[str]] = {}
        for code, framework in queries.frameworks().items():
            for point in framework.asked:
                asked_by.setdefault(point.key, []).append(code)
        plain = ("key", "number", "kind", "group", "heading", "unit")
        items = [
            {
                **{name: getattr(one, name) for name in plain},
                "is_told_by_people": not one.query,
                "asked_by": asked_by.get(one.key, []),
            }
            for one in queries.data_points().values()
        ]
        return {"items": items}


# --- what is told


class CompletenessRow(serializers.Serializer[Any]):
    framework = serializers.CharField()
    present_count = serializers.IntegerField()
    absent_count = serializers.IntegerField(help_text="Not there, and explained.")
    missing_count = serializers.IntegerField(help_text="Asked for, and nobody explains it.")
    not_given_count = serializers.IntegerField(help_text="Optional or recommended.")


class Completeness(serializers.Serializer[Any]):
    frozen_inventory_id = serializers.UUIDField()
    park_id = serializers.UUIDField()
    period_start = serializers.DateField()
    period_end = serializers.DateField(help_text="First day after.")
    frameworks = CompletenessRow(many=True)


class OneInventory(DetailView):
    """How complete the reports of a frozen inventory are, by framework."""

    row = Completeness

    def find(self, **path: Any) -> Any:
        frozen = _frozen(self, path)
        period = period_of(frozen)
        return {
            "frozen_inventory_id": frozen.id,
            "park_id": frozen.park_id,
            "period_start": period.start,
            "period_end": period.end,
            "frameworks": [
                {
                    "framework": asked.code,
                    **{f"{state.value.lower()}_count": found[state] for state in ContentState},
                }
                for asked, found in overview(frozen)
            ],
        }


def _frozen(view: DetailView, path: Mapping[str, Any]) -> Any:
    by = view.actor
    return inventories.get_frozen(path["frozen_id"], None if by.has(Role.AUDITOR) else by)


class FactRow(serializers.Serializer[Any]):
    """A row of a data point that has several: by gas, by carrier, by scheme."""

    name = InBoth()
    value = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    text = InBoth(allow_null=True)


class ToldPoint(serializers.Serializer[Any]):
    key = serializers.CharField()
    obligation = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_blank=True)
    concept = serializers.CharField(
        allow_blank=True, help_text="Its name in the framework's own XBRL taxonomy, where read."
    )
    heading = InBoth()
    state = serializers.ChoiceField(choices=[one.value for one in ContentState])
    value = serializers.CharField(allow_null=True, help_text="Exact.")
    unit = serializers.CharField(allow_blank=True)
    rows = FactRow(many=True)
    text = InBoth(allow_null=True)
    explanation = InBoth(allow_null=True, help_text="Why it is not there.")
    origin = serializers.CharField(help_text="INVENTORY, LEDGER, ENTERED or empty.")
    entry_id = serializers.UUIDField(allow_null=True)
    evidence_sha256 = serializers.CharField(allow_blank=True)


class StatementNow(serializers.Serializer[Any]):
    framework = serializers.CharField()
    number = serializers.CharField()
    is_draft = serializers.BooleanField()
    draft_reasons = serializers.ListField(child=serializers.CharField())
    input_hash = serializers.CharField(help_text="The same inputs, the same hash.")
    facts_hash = serializers.CharField(help_text="The same for every framework.")
    points = ToldPoint(many=True)


class OneStatement(DetailView):
    """What the report under a framework would say now, data point by data point."""

    row = StatementNow

    def find(self, **path: Any) -> Any:
        content = operations.draft_statement(
            frozen=_frozen(self, path), framework=path["framework"], at=self.at
        )
        plain = ("number", "is_draft", "draft_reasons", "input_hash", "facts_hash")
        return {
            **{name: content[name] for name in plain},
            "framework": content["framework"]["code"],
            "points": list(_points(content)),
        }


def _points(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What completes the report first, then what else it tells."""
    states = {one["key"]: one for one in content["contents"]}
    asked = {one["key"]: one for one in content["asked"]}
    for key in dict.fromkeys([*states, *asked]):
        fact, told = content["facts"].get(key) or NO_FACT, states.get(key) or asked[key]
        entry = fact["entry"] or {}
        yield {
            "key": key,
            "obligation": told["obligation"],
            "reference": told["reference"],
            "concept": asked.get(key, {}).get("concept", ""),
            "heading": told.get("heading") or fact["heading"],
            "state": told.get("state") or _state(fact),
            "value": fact["value"],
            "unit": fact["unit"],
            "rows": fact["rows"],
            "text": fact["text"],
            "explanation": fact["explanation"] or told.get("explanation"),
            "origin": fact["origin"],
            "entry_id": entry.get("id"),
            "evidence_sha256": entry.get("evidence_sha256", ""),
        }


NO_FACT: Mapping[str, Any] = {
    "entry": None, "value": None, "unit": "", "rows": [], "text": None, "explanation": None,
    "origin": "",
}  # fmt: skip


def _state(fact: Mapping[str, Any]) -> str:
    if is_told(fact):
        return ContentState.PRESENT.value
    return (ContentState.ABSENT if fact["explanation"] else ContentState.NOT_GIVEN).value


# --- telling


class EntryRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    park_id = serializers.UUIDField()
    period_start = serializers.DateField()
    period_end = serializers.DateField(help_text="First day after.")
    point = serializers.CharField()
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EntryKind.values)
    amount = serializers.DecimalField(
        max_digits=DIGITS, decimal_places=DECIMALS, allow_null=True, normalize_output=True
    )
    text_zh = serializers.CharField(allow_blank=True)
    text_en = serializers.CharField(allow_blank=True)
    evidence_id = serializers.UUIDField(allow_null=True)
    evidence_sha256 = serializers.CharField(allow_blank=True)
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.UUIDField()


class Entries(ListView, ProposedWrite):
    """What people told of data points, newest first; or tell one: a second person decides."""

    operation: ClassVar[str] = "disclosures.tell_point"
    also: ClassVar[frozenset[Role]] = frozenset({Role.CARBON_MANAGER, Role.DATA_OFFICER})
    row = EntryRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class EntryFilters(Listing):
        park_id = serializers.UUIDField(required=False)
        period_start = serializers.DateField(required=False)
        point = serializers.CharField(required=False, max_length=60)

    filters = EntryFilters

    class TellPoint(serializers.Serializer[Any]):
        frozen_inventory_id = serializers.UUIDField(help_text="Says the park and the period.")
        point = serializers.CharField(max_length=60)
        kind = serializers.ChoiceField(choices=EntryKind.values)
        amount = serializers.DecimalField(
            max_digits=DIGITS, decimal_places=DECIMALS, required=False, allow_null=True,
            default=None, help_text="In the unit of the data point.",
        )  # fmt: skip
        text_zh = serializers.CharField(
            required=False, default="", allow_blank=True, max_length=LONGEST
        )
        text_en = serializers.CharField(
            required=False, default="", allow_blank=True, max_length=LONGEST
        )
        evidence_id = serializers.UUIDField(
            required=False, allow_null=True, default=None, help_text="A stored file of yours."
        )

    body = TellPoint

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        rows = queries.entries_for(self.actor).order_by()
        return among(rows, asked, "park_id", "period_start", "point")

    def values(self, asked: Mapping[str, Any], **path: Any) -> Mapping[str, Any]:
        frozen = inventories.get_frozen(asked["frozen_inventory_id"], self.actor)
        period = period_of(frozen)
        told = {name: asked[name] for name in ("kind", "text_zh", "text_en", "evidence_id")}
        given = {**told, "amount": asked["amount"] if told["kind"] == EntryKind.FIGURE else None}
        check_entry(**given, is_figure=queries.get_data_point(asked["point"]).is_figure)
        return {
            "park_id": frozen.park_id,
            "period_start": period.start,
            "period_end": period.end,
            "point": asked["point"],
            **given,
        }


class OneEntry(DetailView):
    """One entry of a data point."""

    row = EntryRow

    def find(self, **path: Any) -> Any:
        found = queries.entries_for(self.actor).filter(pk=path["entry_id"]).first()
        if found is None:
            raise NotFound
        return found
