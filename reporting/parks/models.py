from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import in_language
from ledger.kernel.ids import new_id
from reporting.parks.states import BoundaryKind, SourceKind, Subcategory, SupplyForm


class SourceKindChoice(models.TextChoices):
    STATIONARY_FUEL = SourceKind.STATIONARY_FUEL, _("fuel burnt in place")
    MOBILE_FUEL = SourceKind.MOBILE_FUEL, _("fuel of vehicles and vessels")
    PROCESS = SourceKind.PROCESS, _("industrial process")
    REFRIGERANT = SourceKind.REFRIGERANT, _("refrigerant")
    PURCHASED_POWER = SourceKind.PURCHASED_POWER, _("purchased power")
    DIRECT_GREEN_POWER = SourceKind.DIRECT_GREEN_POWER, _("green power directly supplied")
    SELF_GENERATED_POWER = SourceKind.SELF_GENERATED_POWER, _("self-generated power")
    PURCHASED_HEAT = SourceKind.PURCHASED_HEAT, _("purchased heat")


class BoundaryKindChoice(models.TextChoices):
    WHOLE = BoundaryKind.WHOLE, _("whole park")
    SUB_PARK = BoundaryKind.SUB_PARK, _("park within the park")


class SupplyFormChoice(models.TextChoices):
    SINGLE_USER = SupplyForm.SINGLE_USER, _("direct connection of one user")
    MULTI_USER = SupplyForm.MULTI_USER, _("direct connection of several users")
    NEARBY = SupplyForm.NEARBY, _("nearby new energy in an incremental distribution grid")


class SubcategoryChoice(models.TextChoices):
    STATIONARY = Subcategory.STATIONARY, _("stationary combustion")
    MOBILE = Subcategory.MOBILE, _("mobile combustion")
    PROCESS = Subcategory.PROCESS, _("industrial processes")
    FUGITIVE = Subcategory.FUGITIVE, _("fugitive emissions")
    IMPORTED_ELECTRICITY = Subcategory.IMPORTED_ELECTRICITY, _("imported electricity")
    IMPORTED_HEAT = Subcategory.IMPORTED_HEAT, _("imported heat")


def _ends_after_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name, condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))
    )


def _alone_on_each_day(name: str, *same: str, condition: Q | None = None) -> ExclusionConstraint:
    """No two rows of the same things stand on one day."""
    days = Func(F("valid_from"), F("valid_to"), function="daterange")
    return ExclusionConstraint(
        name=name,
        expressions=[*((one, "=") for one in same), (days, "&&")],
        condition=condition,
    )


class Park(StatefulTable):
    """An industrial park, run by one operator."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    operator = models.ForeignKey(
        "ledger_parties.Party", models.PROTECT, related_name="+", verbose_name=_("operator")
    )
    code = models.CharField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    province = models.CharField(_("province code"), max_length=6)
    region = models.CharField(_("grid region"), max_length=12, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    description_zh = models.TextField(_("description in Chinese"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    registered_at = models.DateTimeField(_("registered at"))
    registered_by = models.UUIDField(_("registered by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("park")
        verbose_name_plural = _("parks")
        ordering = ["code"]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Boundary(StatefulTable):
    """What belongs to the park for reporting, from a day."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    park = models.ForeignKey(
        Park, models.PROTECT, related_name="boundaries", verbose_name=_("park")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=BoundaryKindChoice)
    name = models.CharField(_("name"), max_length=200)
    description_zh = models.TextField(_("description in Chinese"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"), null=True, blank=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("boundary")
        verbose_name_plural = _("boundaries")
        constraints = [
            _ends_after_start("boundary_ends_after_start"),
            _alone_on_each_day(
                "whole_boundary_alone_on_each_day", "park", condition=Q(kind=BoundaryKind.WHOLE)
            ),
            _alone_on_each_day(
                "sub_park_alone_on_each_day",
                "park", "name",
                condition=Q(kind=BoundaryKind.SUB_PARK),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class BoundaryMember(StatefulTable):
    """A source, or all that is a tenant's, that stands in a park within the park (R1.2).

    Whatever stands in none is the rest of the park. No two parks within a park share anything.
    """

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, related_name="+", verbose_name=_("park"))
    boundary = models.ForeignKey(
        Boundary, models.PROTECT, related_name="members", verbose_name=_("park within the park")
    )
    source = models.ForeignKey(
        "Source", models.PROTECT, null=True, blank=True, related_name="places",
        verbose_name=_("emission source"),
    )  # fmt: skip
    tenant_code = models.CharField(_("code of the tenant"), max_length=40, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"), null=True, blank=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("member of a park within the park")
        verbose_name_plural = _("members of parks within the park")
        constraints = [
            _ends_after_start("boundary_member_ends_after_start"),
            models.CheckConstraint(
                name="boundary_member_is_a_source_or_a_tenant",
                condition=Q(source=None) ^ Q(tenant_code=""),
            ),
            _alone_on_each_day(
                "source_in_one_inner_park_on_each_day",
                "source",
                condition=Q(source__isnull=False),
            ),
            _alone_on_each_day(
                "tenant_in_one_inner_park_on_each_day",
                "park", "tenant_code",
                condition=~Q(tenant_code=""),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.source or self.tenant_code} · {self.boundary}"


class Tenant(StatefulTable):
    """A company in the park, and how much of it counts under each way of consolidating (R5.2).

    Other terms from a day are a row of their own under the same code; the one before ends there.
    """

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, related_name="tenants", verbose_name=_("park"))
    party = models.ForeignKey(
        "ledger_parties.Party",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("party"),
    )
    code = models.CharField(_("code"), max_length=40)
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    equity_share = models.DecimalField(_("equity share"), max_digits=7, decimal_places=6)
    has_operational_control = models.BooleanField(_("under operational control"))
    has_financial_control = models.BooleanField(_("under financial control"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"), null=True, blank=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        ordering = ["code"]
        constraints = [
            _ends_after_start("tenant_ends_after_start"),
            _alone_on_each_day("tenant_terms_alone_on_each_day", "park", "code"),
            models.CheckConstraint(
                name="tenant_share_is_part_of_one",
                condition=Q(equity_share__gte=0) & Q(equity_share__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Source(StatefulTable):
    """Where something is burnt, bought or lost: what activity is recorded for."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, related_name="sources", verbose_name=_("park"))
    tenant = models.ForeignKey(
        Tenant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sources",
        verbose_name=_("tenant"),
    )
    code = models.CharField(_("code"), max_length=40)
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=24, choices=SourceKindChoice)
    carrier = models.CharField(_("carrier"), max_length=40)
    unit = models.CharField(_("unit"), max_length=12)
    iso_category = models.PositiveSmallIntegerField(_("ISO 14064-1 category"))
    subcategory = models.CharField(
        _("part of the category"), max_length=24, choices=SubcategoryChoice
    )
    scope = models.PositiveSmallIntegerField(_("GHG Protocol scope"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"), null=True, blank=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("emission source")
        verbose_name_plural = _("emission sources")
        ordering = ["code"]
        constraints = [
            _ends_after_start("source_ends_after_start"),
            models.UniqueConstraint(fields=["park", "code"], name="source_code_once_per_park"),
            models.CheckConstraint(
                name="source_scope_follows_category",
                condition=Q(iso_category=F("scope"), scope__in=(1, 2)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {in_language(self.name_zh, self.name_en)}"


class Meter(StatefulTable):
    """An instrument that reads a source."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="meters", verbose_name=_("emission source")
    )
    number = models.CharField(_("meter number"), max_length=60)
    multiplier = models.DecimalField(_("multiplier"), max_digits=14, decimal_places=6, default=1)
    # None: what its source is recorded in
    unit = models.CharField(_("unit of its readings"), max_length=12, null=True, blank=True)  # noqa: DJ001
    step_minutes = models.PositiveSmallIntegerField(
        _("minutes of a reading"), null=True, blank=True
    )
    fed_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="feeds",
        verbose_name=_("main meter above it"),
    )  # fmt: skip
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by",
        verbose_name=_("meter that it replaces"),
    )  # fmt: skip
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"), null=True, blank=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("meter")
        verbose_name_plural = _("meters")
        ordering = ["number"]
        constraints = [
            _ends_after_start("meter_ends_after_start"),
            models.UniqueConstraint(
                fields=["source", "number", "valid_from"], name="meter_number_once_per_source"
            ),
            models.CheckConstraint(name="meter_multiplier_positive", condition=Q(multiplier__gt=0)),
            models.CheckConstraint(
                name="meter_reads_by_the_quarter_or_the_hour",
                condition=Q(step_minutes=None) | Q(step_minutes__in=(15, 60)),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Calibration(AppendOnlyTable):
    """That a meter was calibrated, by whom, and how long that holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meter = models.ForeignKey(
        Meter, models.PROTECT, related_name="calibrations", verbose_name=_("meter")
    )
    calibrated_on = models.DateField(_("calibrated on"))
    valid_to = models.DateField(_("valid to (exclusive)"))
    certificate = models.CharField(_("certificate number"), max_length=80)
    laboratory = models.CharField(_("laboratory"), max_length=120, blank=True)
    file_id = models.UUIDField(_("certificate as a file"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("calibration")
        verbose_name_plural = _("calibrations")
        ordering = ["-calibrated_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["meter", "certificate"], name="calibration_once_per_certificate"
            ),
            models.CheckConstraint(
                name="calibration_ends_after_start", condition=Q(valid_to__gt=F("calibrated_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.certificate}"


class MeterPart(StatefulTable):
    """One meter that a virtual meter is made of: added, or taken off."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    virtual = models.ForeignKey(
        Meter, models.PROTECT, related_name="parts", verbose_name=_("virtual meter")
    )
    part = models.ForeignKey(
        Meter, models.PROTECT, related_name="in_virtual", verbose_name=_("meter")
    )
    sign = models.SmallIntegerField(_("added (1) or taken off (-1)"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"), null=True, blank=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("part of a virtual meter")
        verbose_name_plural = _("parts of virtual meters")
        constraints = [
            _ends_after_start("meter_part_ends_after_start"),
            models.UniqueConstraint(
                fields=["virtual", "part", "valid_from"], name="meter_part_once_from_a_day"
            ),
            models.CheckConstraint(name="meter_part_has_a_sign", condition=Q(sign__in=(1, -1))),
            models.CheckConstraint(name="meter_part_is_another", condition=~Q(virtual=F("part"))),
        ]

    def __str__(self) -> str:
        return f"{self.virtual} {'+' if self.sign > 0 else '−'} {self.part}"


class DirectSupply(StatefulTable):
    """The evidence that a source's power comes directly from a generator (R1.31)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="supplies", verbose_name=_("emission source")
    )
    form = models.CharField(_("form of supply"), max_length=12, choices=SupplyFormChoice)
    generator = models.CharField(_("generator"), max_length=160, blank=True)
    agreement = models.CharField(_("connection agreement"), max_length=160, blank=True)
    agreement_file_id = models.UUIDField(_("agreement as a file"), null=True, blank=True)
    line = models.CharField(_("line or distribution-grid node"), max_length=160, blank=True)
    generator_meter = models.CharField(_("meter of the generator"), max_length=60, blank=True)
    user_meter = models.ForeignKey(
        Meter, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("meter of the user"),
    )  # fmt: skip
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("direct supply")
        verbose_name_plural = _("direct supplies")
        ordering = ["source__code", "-valid_from"]
        constraints = [_ends_after_start("direct_supply_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.source} · {self.generator}"
