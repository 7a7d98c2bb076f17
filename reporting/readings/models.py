from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import moment
from ledger.kernel.ids import new_id
from reporting.readings.states import Stamp, UploadState


def _millionths(name: Any) -> Any:
    return ArrayField(models.BigIntegerField(null=True), verbose_name=name)


class Upload(StatefulTable):
    """A file of readings: read by a job, and taken in whole or not at all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    park = models.ForeignKey(
        "reporting_parks.Park", on_delete=models.PROTECT, related_name="+", verbose_name=_("park")
    )
    party_id = models.UUIDField(_("party"), db_index=True)
    file_id = models.UUIDField(_("file"))
    file_name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    stamp = models.CharField(_("the time says"), max_length=5, choices=Stamp, default=Stamp.START)
    state = models.CharField(
        _("state"), max_length=7, choices=UploadState, default=UploadState.WAITING
    )
    row_count = models.BigIntegerField(_("rows in the file"), default=0)
    new_count = models.BigIntegerField(_("new readings"), default=0)
    corrected_count = models.BigIntegerField(_("corrections"), default=0)
    same_count = models.BigIntegerField(_("unchanged readings"), default=0)
    blank_count = models.BigIntegerField(_("rows without a value"), default=0)
    day_count = models.IntegerField(_("meter days"), default=0)
    first_day = models.DateField(_("first day"), null=True)
    last_day = models.DateField(_("last day told"), null=True)
    problem_count = models.IntegerField(_("problems"), default=0)
    problems = models.JSONField(_("problems"), default=list)
    pieces_digest = models.CharField(_("digest of its pieces"), max_length=64, blank=True)
    reason = models.CharField(_("reason of the corrections"), max_length=200, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.UUIDField(_("uploaded by"))
    read_at = models.DateTimeField(_("read at"), null=True)
    read_by = models.UUIDField(_("read by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("file of readings")
        verbose_name_plural = _("files of readings")
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["park", "sha256"],
                name="readings_file_taken_once",
                condition=~Q(state=UploadState.REFUSED),
            ),
            models.CheckConstraint(
                name="readings_file_is_read_or_waits",
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


class Piece(AppendOnlyTable):
    """What one file told of one meter's day. Newer versions stand above older ones, step by step.

    Partitioned by month (`by_month`), written by COPY: no foreign keys. Values are millionths of
    the meter's measure, one for each step of the day; null where the file tells nothing.
    """

    by_month = True

    pk = models.CompositePrimaryKey("meter_id", "day", "version")
    meter_id = models.UUIDField(_("meter"))
    day = models.DateField(_("day"))
    version = models.IntegerField(_("version"))
    step_minutes = models.SmallIntegerField(_("minutes of a reading"))
    values_millionths = _millionths(_("readings, millionths"))
    marks = models.CharField(_("quality"), max_length=96, blank=True)
    upload_id = models.UUIDField(_("file"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("readings as told")
        verbose_name_plural = _("readings as told")


class Day(StatefulTable):
    """A meter's day as it stands: the readings after all corrections, and their sums by the hour.

    Partitioned by month. Everything in it follows from the pieces.
    """

    by_month = True

    pk = models.CompositePrimaryKey("meter_id", "day")
    meter_id = models.UUIDField(_("meter"))
    day = models.DateField(_("day"))
    version = models.IntegerField(_("version"))
    step_minutes = models.SmallIntegerField(_("minutes of a reading"))
    values_millionths = _millionths(_("readings, millionths"))
    marks = models.CharField(_("quality"), max_length=96, blank=True)
    hours_millionths = _millionths(_("by the hour, millionths"))
    total_millionths = models.BigIntegerField(_("in all, millionths"))
    told_count = models.SmallIntegerField(_("count of readings"))
    estimated_count = models.SmallIntegerField(_("estimated"))
    leaf = models.BinaryField(_("leaf"), max_length=32)

    class Meta(StatefulTable.Meta):
        verbose_name = _("day of a meter")
        verbose_name_plural = _("days of meters")


class Month(StatefulTable):
    """A meter's month: its sum, how complete it is, and the root of the tree over its days."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meter = models.ForeignKey(
        "reporting_parks.Meter", on_delete=models.PROTECT, related_name="+",
        verbose_name=_("meter"),
    )  # fmt: skip
    park_id = models.UUIDField(_("park"))
    month = models.DateField(_("month"))
    total_millionths = models.DecimalField(
        _("in all, millionths"), max_digits=24, decimal_places=0, default=0
    )
    day_count = models.SmallIntegerField(_("days with readings"), default=0)
    told_count = models.IntegerField(_("count of readings"), default=0)
    estimated_count = models.IntegerField(_("estimated"), default=0)
    expected_count = models.IntegerField(_("readings expected"), default=0)
    corrected_count = models.IntegerField(_("corrected days"), default=0)
    root = models.CharField(_("Merkle root of its days"), max_length=64, blank=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("month of a meter")
        verbose_name_plural = _("months of meters")
        ordering = ["-month", "meter__number"]
        constraints = [
            models.UniqueConstraint(fields=["meter", "month"], name="meter_month_once"),
            models.CheckConstraint(name="meter_month_is_a_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(fields=["park_id", "month"], name="meter_months_of_park")]

    def __str__(self) -> str:
        return f"{self.meter} {self.month:%Y-%m}"
