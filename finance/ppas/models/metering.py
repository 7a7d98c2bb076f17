"""Meters, the files of their rows, and the rows themselves."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.ppas.states import Grain, Side, UploadState
from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import moment
from ledger.kernel.ids import new_id


class Point(AppendOnlyTable):
    """Where power is metered for settlement: on the grid side of a plant, or at a user."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("kept by"), db_index=True)
    code = models.CharField(_("metering point"), max_length=60)
    name = models.CharField(_("name"), max_length=160)
    side = models.CharField(_("metered side"), max_length=11, choices=Side)
    grain = models.CharField(_("rows"), max_length=5, choices=Grain)
    plant = models.ForeignKey(
        "ledger_instruments.Plant", on_delete=models.PROTECT, null=True, verbose_name=_("plant")
    )
    user_id = models.UUIDField(_("user of the power"), null=True)
    registered_at = models.DateTimeField(_("registered at"))
    registered_by = models.UUIDField(_("registered by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("metering point")
        verbose_name_plural = _("metering points")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["party_id", "code"], name="point_once_for_its_keeper"),
            models.UniqueConstraint(fields=["plant"], name="point_once_for_a_plant"),
            models.CheckConstraint(
                name="point_has_its_plant_or_user",
                condition=Q(side=Side.GENERATION, plant__isnull=False, user_id__isnull=True)
                | Q(side=Side.CONSUMPTION, plant__isnull=True, user_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Upload(StatefulTable):
    """A file of meter rows: read by a job, and taken in whole or not at all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    file_id = models.UUIDField(_("file"))
    file_name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    state = models.CharField(
        _("state"), max_length=7, choices=UploadState, default=UploadState.WAITING
    )
    row_count = models.BigIntegerField(_("rows in the file"), default=0)
    new_count = models.BigIntegerField(_("new rows"), default=0)
    corrected_count = models.BigIntegerField(_("corrections"), default=0)
    same_count = models.BigIntegerField(_("unchanged rows"), default=0)
    problem_count = models.IntegerField(_("problems"), default=0)
    problems = models.JSONField(_("problems"), default=list)
    rows_digest = models.CharField(_("digest of its rows"), max_length=64, blank=True)
    months_digest = models.CharField(_("digest of its months"), max_length=64, blank=True)
    reason = models.CharField(_("reason of corrections"), max_length=200, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.UUIDField(_("uploaded by"))
    read_at = models.DateTimeField(_("read at"), null=True)
    read_by = models.UUIDField(_("read by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("file of meter rows")
        verbose_name_plural = _("files of meter rows")
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["party_id", "sha256"],
                name="meter_file_taken_once",
                condition=~Q(state=UploadState.REFUSED),
            ),
            models.CheckConstraint(
                name="meter_file_is_read_or_waits",
                condition=Q(state=UploadState.WAITING, read_at__isnull=True, read_by__isnull=True)
                | Q(
                    state=UploadState.REFUSED,
                    read_at__isnull=False,
                    read_by__isnull=False,
                    problem_count__gt=0,
                )
                | Q(
                    state=UploadState.TAKEN,
                    read_at__isnull=False,
                    read_by__isnull=False,
                    problem_count=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} · {moment(self.uploaded_at)}"


class Reading(AppendOnlyTable):
    """What a meter read in one hour, or in a month where it gives no hours.

    Written by COPY, a million at a time: no foreign keys, and one index that is its key. A
    correction is the next version of the same hour; the newest holds. Days are Beijing days.
    """

    pk = models.CompositePrimaryKey("point_id", "day", "hour", "version")
    point_id = models.UUIDField(_("metering point"))
    day = models.DateField(_("day"))
    hour = models.SmallIntegerField(_("hour"))  # -1: the whole month
    version = models.SmallIntegerField(_("version"))
    energy_wh = models.BigIntegerField(_("energy, Wh"))
    upload_id = models.UUIDField(_("file"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("meter row")
        verbose_name_plural = _("meter rows")
        constraints = [
            models.CheckConstraint(
                name="reading_of_an_hour_or_month",
                condition=Q(hour__gte=0, hour__lte=23) | Q(hour=-1, day__day=1),
            ),
            models.CheckConstraint(
                name="reading_not_negative", condition=Q(energy_wh__gte=0, version__gte=1)
            ),
        ]
        indexes = [
            # corrections are few: who asks whether a row was corrected looks here
            models.Index(
                fields=["point_id", "day", "hour", "version"],
                name="reading_corrections",
                condition=Q(version__gt=1),
            ),
            models.Index(fields=["upload_id"], name="reading_by_file"),
        ]


class MeterMonth(AppendOnlyTable):
    """A month of a meter after a file was taken in: its sum, and whether it is complete."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    point = models.ForeignKey(
        Point, on_delete=models.PROTECT, related_name="months", verbose_name=_("metering point")
    )
    month = models.DateField(_("month"))
    version = models.PositiveSmallIntegerField(_("version"))
    upload = models.ForeignKey(
        Upload, on_delete=models.PROTECT, related_name="months", verbose_name=_("file")
    )
    energy_wh = models.BigIntegerField(_("energy, Wh"))
    row_count = models.IntegerField(_("rows"))
    missing_count = models.IntegerField(_("missing rows"))
    corrected_count = models.IntegerField(_("corrected rows"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("metered month")
        verbose_name_plural = _("metered months")
        ordering = ["-month", "point"]
        constraints = [
            models.UniqueConstraint(
                fields=["point", "month", "version"], name="meter_month_once_a_version"
            ),
            models.CheckConstraint(
                name="meter_month_is_counted",
                condition=Q(energy_wh__gte=0, row_count__gt=0, missing_count__gte=0, month__day=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point.code} {self.month:%Y-%m}"
