"""What is done to meters and sources: calibrated, replaced, put together, proved direct."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.doors.wording import day
from reporting.parks import forms, models, operations, queries
from reporting.parks.states import SourceKind, SupplyForm


class _OnMeter(ConfirmedAction):
    def is_offered(self, request: HttpRequest, obj: models.Meter) -> bool:
        return obj.source.park.operator_id == actor_of(request).party_id


class Calibrate(_OnMeter):
    name, title = "calibrate", gettext_lazy("Record a calibration")
    operation = "parks.record_calibration"
    form_class = forms.Calibrate
    icon = "straighten"

    def describe(
        self, request: HttpRequest, obj: models.Meter, data: Mapping[str, Any]
    ) -> list[str]:
        said = _("Meter %(number)s is calibrated until %(day)s (exclusive); this is final.")
        return [said % {"number": obj.number, "day": day(data["valid_to"])}]

    def perform(
        self, request: HttpRequest, obj: models.Meter, data: Mapping[str, Any], key: str
    ) -> str:
        operations.record_calibration(
            meter_id=obj.pk, **data, by=actor_of(request), at=timezone.now()
        )
        return _("The calibration is recorded.")


class Replace(_OnMeter):
    name, title = "replace", gettext_lazy("Replace the meter")
    operation = "parks.replace_meter"
    form_class = forms.Replace
    icon = "swap_horiz"

    def is_offered(self, request: HttpRequest, obj: models.Meter) -> bool:
        return super().is_offered(request, obj) and obj.valid_to is None

    def describe(
        self, request: HttpRequest, obj: models.Meter, data: Mapping[str, Any]
    ) -> list[str]:
        both = _("Both have a part of that day.") if data["reads_that_day"] else ""
        about = {"old": obj.number, "new": data["number"], "day": day(data["on"])}
        return [
            _("From %(day)s meter %(new)s reads in the place of %(old)s.") % about,
            _("Both keep their readings."),
            *([both] if both else []),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Meter, data: Mapping[str, Any], key: str
    ) -> str:
        operations.replace_meter(meter_id=obj.pk, **data, by=actor_of(request), at=timezone.now())
        return _("The meter is replaced.")


class PutTogether(_OnMeter):
    name, title = "together", gettext_lazy("Make it a virtual meter")
    operation = "parks.make_virtual"
    form_class = forms.PutTogether
    icon = "functions"

    def choices(self, request: HttpRequest, obj: models.Meter) -> Mapping[str, Choices]:
        meters = queries.meters_of(obj.source.park_id)
        others = [(str(one.id), one.number) for one in meters if one.id != obj.pk]
        return {"plus": others, "minus": others}

    def _parts(self, data: Mapping[str, Any]) -> list[tuple[UUID, int]]:
        signed = [(one, 1) for one in data["plus"]] + [(one, -1) for one in data["minus"]]
        return [(UUID(one), sign) for one, sign in signed if one]

    def describe(
        self, request: HttpRequest, obj: models.Meter, data: Mapping[str, Any]
    ) -> list[str]:
        numbers = {one.id: one.number for one in queries.meters_of(obj.source.park_id)}
        parts = " ".join(
            f"{'+' if sign > 0 else '−'} {numbers.get(one, '?')}" for one, sign in self._parts(data)
        )
        return [f"{obj.number} = {parts}"]

    def perform(
        self, request: HttpRequest, obj: models.Meter, data: Mapping[str, Any], key: str
    ) -> str:
        operations.make_virtual(
            meter_id=obj.pk,
            parts=self._parts(data),
            valid_from=data["valid_from"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The meter is made of others now.")


class ProveSupply(ConfirmedAction):
    name, title = "supply", gettext_lazy("Record evidence of direct supply")
    operation = "parks.prove_direct_supply"
    form_class = forms.ProveSupply
    icon = "cable"

    def is_offered(self, request: HttpRequest, obj: models.Source) -> bool:
        mine = obj.park.operator_id == actor_of(request).party_id
        return mine and obj.kind == SourceKind.DIRECT_GREEN_POWER

    def choices(self, request: HttpRequest, obj: models.Source) -> Mapping[str, Choices]:
        meters = queries.meters_of(obj.park_id)
        return {"user_meter": [(str(one.id), one.number) for one in meters]}

    def describe(
        self, request: HttpRequest, obj: models.Source, data: Mapping[str, Any]
    ) -> list[str]:
        missing = queries.missing_words(data, has_user_meter=bool(data["user_meter"]))
        if missing:
            return [_("Still missing, so the power counts as the grid's: %(names)s.")
                    % {"names": _("; ").join(missing)}]  # fmt: skip
        return [_("All of the evidence is there: the power counts as directly supplied.")]

    def perform(
        self, request: HttpRequest, obj: models.Source, data: Mapping[str, Any], key: str
    ) -> str:
        operations.prove_direct_supply(
            source_id=obj.pk,
            form=SupplyForm(data["form"]),
            evidence=data,
            user_meter_id=UUID(data["user_meter"]) if data["user_meter"] else None,
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The evidence is recorded.")
