"""Sources, and what they said: each telling is a fact for ever; a correction is a new version."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.prices.states import LimitCheck, Mode, SourceKind, TellingKind
from ledger.doors.tables import AppendOnlyTable, ReferenceTable
from ledger.doors.wording import day, in_language
from ledger.kernel.ids import new_id

CURRENCY = r"^[A-Z]{3}$"


class PriceSource(ReferenceTable):
    """Who says what something costs, and by which calendar and limits."""

    code = models.CharField(_("code"), max_length=30, primary_key=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=SourceKind)
    schemes = models.JSONField(_("instruments"), default=list)  # none: any
    gives_rates = models.BooleanField(_("gives exchange rates"), default=False)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    calendar = models.CharField(_("trading calendar"), max_length=20, blank=True)
    limits = models.JSONField(_("parameters of the limits"), default=dict)
    rank = models.PositiveSmallIntegerField(_("rank among sources"))
    source = models.CharField(_("source"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=1)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("source of prices")
        verbose_name_plural = _("sources of prices")
        ordering = ["rank", "code"]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Telling(AppendOnlyTable):
    """One act of telling: typed, uploaded or sent by a machine, with all its rows."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=5, choices=TellingKind)
    party_id = models.UUIDField(_("told by the party"), null=True)
    row_count = models.PositiveIntegerField(_("rows"))
    unchanged_count = models.PositiveIntegerField(_("rows known already"))
    rows_digest = models.CharField(_("digest of the rows"), max_length=64)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    file_id = models.UUIDField(_("file"), null=True)
    approval_id = models.UUIDField(_("approval"), null=True)
    told_at = models.DateTimeField(_("told at"))
    told_by = models.UUIDField(_("told by"))
    idempotency_key = models.CharField(max_length=250)
    request_digest = models.CharField(max_length=64)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("telling of prices")
        verbose_name_plural = _("tellings of prices")
        ordering = ["-told_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="telling_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.row_count}"


class Mark(AppendOnlyTable):
    """What a source says one unit was worth on a day; the highest version counts.

    A version that is withdrawn says that nothing is told of the day any more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    telling = models.ForeignKey(
        Telling, on_delete=models.PROTECT, related_name="marks", verbose_name=_("telling")
    )
    position = models.PositiveIntegerField(_("row"))
    scheme = models.CharField(_("instrument"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage"), null=True)
    source = models.ForeignKey(PriceSource, on_delete=models.PROTECT, verbose_name=_("source"))
    mode = models.CharField(pgettext_lazy("of trading", "mode"), max_length=8, choices=Mode)
    marked_on = models.DateField(_("price of the day"))
    version = models.PositiveSmallIntegerField(_("version"))
    price = models.DecimalField(_("price of one unit"), max_digits=18, decimal_places=6)
    currency = models.CharField(_("currency"), max_length=3)
    volume = models.BigIntegerField(_("units traded"), null=True)
    limit_check = models.CharField(_("limits of the day"), max_length=8, choices=LimitCheck)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        ordering = ["-marked_on", "scheme", "-vintage_year", "-version"]
        indexes = [
            models.Index(
                fields=["scheme", "vintage_year", "-marked_on"], name="mark_by_instrument_and_day"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="mark_version_once",
                fields=["scheme", "vintage_year", "source", "mode", "marked_on", "version"],
                nulls_distinct=False,
            ),
            models.UniqueConstraint(name="mark_row_once", fields=["telling", "position"]),
            models.CheckConstraint(name="mark_price_positive", condition=Q(price__gt=0)),
            models.CheckConstraint(
                name="mark_volume_not_negative",
                condition=Q(volume__isnull=True) | Q(volume__gte=0),
            ),
            models.CheckConstraint(
                name="mark_currency_of_three_letters", condition=Q(currency__regex=CURRENCY)
            ),
            models.CheckConstraint(
                name="mark_outside_the_limits_has_a_reason",
                condition=~Q(limit_check=LimitCheck.OUTSIDE) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="mark_correction_has_a_reason", condition=Q(version=1) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.vintage_year or ''} · {day(self.marked_on)}"

    @property
    def what(self) -> str:
        return f"{self.scheme} {self.vintage_year or ''}".strip()

    @property
    def day(self) -> date:
        return self.marked_on

    @property
    def place(self) -> tuple[object, ...]:
        """What one version after another is told of."""
        return self.scheme, self.vintage_year, self.source_id, self.mode, self.marked_on


class ExchangeRate(AppendOnlyTable):
    """What one unit of a currency is in another, on a day; versions as those of a mark."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    telling = models.ForeignKey(
        Telling, on_delete=models.PROTECT, related_name="rates", verbose_name=_("telling")
    )
    position = models.PositiveIntegerField(_("row"))
    from_currency = models.CharField(_("from currency"), max_length=3)
    to_currency = models.CharField(_("to currency"), max_length=3)
    source = models.ForeignKey(PriceSource, on_delete=models.PROTECT, verbose_name=_("source"))
    rated_on = models.DateField(_("rate of the day"))
    version = models.PositiveSmallIntegerField(_("version"))
    rate = models.DecimalField(
        pgettext_lazy("of currencies", "rate"), max_digits=18, decimal_places=8
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-rated_on", "from_currency", "-version"]
        constraints = [
            models.UniqueConstraint(
                name="rate_version_once",
                fields=["from_currency", "to_currency", "rated_on", "source", "version"],
            ),
            models.UniqueConstraint(name="rate_row_once", fields=["telling", "position"]),
            models.CheckConstraint(name="rate_positive", condition=Q(rate__gt=0)),
            models.CheckConstraint(
                name="rate_between_two_currencies",
                condition=Q(from_currency__regex=CURRENCY, to_currency__regex=CURRENCY)
                & ~Q(from_currency=F("to_currency")),
            ),
            models.CheckConstraint(
                name="rate_correction_has_a_reason", condition=Q(version=1) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_currency}/{self.to_currency} · {day(self.rated_on)}"

    @property
    def what(self) -> str:
        return f"{self.from_currency}/{self.to_currency}"

    @property
    def day(self) -> date:
        return self.rated_on

    @property
    def place(self) -> tuple[object, ...]:
        """What one version after another is told of."""
        return self.from_currency, self.to_currency, self.source_id, self.rated_on
