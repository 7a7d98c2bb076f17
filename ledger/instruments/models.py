"""Schemes, registries, projects and plants: what units are units of."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import ReferenceTable, StatefulTable
from ledger.doors.wording import in_language
from ledger.instruments.rules import Family, Measure, VintageAxis
from ledger.instruments.states import ProjectState
from ledger.kernel.ids import new_id


class Registry(ReferenceTable):
    """Where units are recorded outside. Its record is the title, ours is a mirror (R2.2)."""

    code = models.CharField(_("code"), max_length=30, primary_key=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    operator_zh = models.CharField(_("operator"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=1)

    class Meta:
        verbose_name = _("registry")
        verbose_name_plural = _("registries")

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Scheme(ReferenceTable):
    """A kind of unit with its own rules of validity, vintage, serials and transfer."""

    code = models.CharField(_("code"), max_length=30, primary_key=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    family = models.CharField(
        _("family"),
        max_length=20,
        choices=[
            (Family.ALLOWANCE.value, _("allowance")),
            (Family.CREDIT.value, _("carbon credit")),
            (Family.ENERGY_CERTIFICATE.value, _("energy certificate")),
        ],
    )
    measure = models.CharField(
        _("measure of one unit"), max_length=5, choices=[(m.value, m.value) for m in Measure]
    )
    registry = models.ForeignKey(Registry, on_delete=models.PROTECT, verbose_name=_("registry"))
    region = models.CharField(_("region"), max_length=60, blank=True)
    vintage_axis = models.CharField(
        _("vintage counts"),
        max_length=20,
        choices=[
            (VintageAxis.OBLIGATION_YEAR.value, _("year of the obligation")),
            (VintageAxis.REDUCTION_YEAR.value, _("year of the reduction")),
            (VintageAxis.GENERATION_MONTH.value, _("month of generation")),
        ],
    )
    end_uses = models.JSONField(_("end uses"), default=list)
    has_serials = models.BooleanField(_("has serial numbers"))
    serial_pattern = models.CharField(_("pattern of serial numbers"), max_length=120, blank=True)
    serial_prefix_is_space = models.BooleanField(
        _("serial numbers restart with each prefix"), default=True
    )
    transferable = models.BooleanField(_("transferable"), default=True)
    max_transfers = models.PositiveSmallIntegerField(_("transfers at most"), null=True)
    max_transfers_key = models.CharField(
        _("parameter of transfers at most"), max_length=60, blank=True
    )
    non_tradable_kinds = models.JSONField(_("kinds never traded"), default=list)
    validity_key = models.CharField(_("parameter of validity"), max_length=60, blank=True)
    validity_old_key = models.CharField(
        _("parameter of validity, old rule"), max_length=60, blank=True
    )
    validity_old_before = models.DateField(_("old rule for generation before"), null=True)
    earliest_vintage_year = models.PositiveSmallIntegerField(_("first usable vintage"), null=True)
    reversal_window_days = models.PositiveSmallIntegerField(
        _("days in which a reversal is allowed"), null=True
    )
    # by kind of movement; where neither speaks, no source names a window: without limit, and told
    reversal_windows = models.JSONField(
        _("days in which a reversal is allowed, by movement"), default=dict
    )
    source = models.CharField(_("source"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=1)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("scheme")
        verbose_name_plural = _("schemes")
        constraints = [
            models.CheckConstraint(
                name="scheme_measure_is_t_mwh_or_kg",
                condition=Q(measure__in=[m.value for m in Measure]),
            )
        ]

    def __str__(self) -> str:
        """Its trade mark (CEA, CCER) and name; a code of our own (PILOT_SH) says nothing more."""
        name = in_language(self.name_zh, self.name_en)
        return name if "_" in self.code else f"{self.code} {name}"


class Project(StatefulTable):
    """A reduction project: methodology, crediting period, place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("project number"), max_length=60)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, verbose_name=_("scheme"))
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    methodology = models.CharField(_("methodology"), max_length=60, blank=True)
    methodology_version = models.CharField(_("methodology version"), max_length=20, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    crediting_from = models.DateField(_("crediting period from"), null=True)
    crediting_to = models.DateField(_("crediting period to (exclusive)"), null=True)
    plant = models.ForeignKey("Plant", on_delete=models.PROTECT, null=True, verbose_name=_("plant"))
    state = models.CharField(
        _("state"), max_length=10, choices=ProjectState, default=ProjectState.REGISTERED
    )
    registered_at = models.DateTimeField(_("recorded at"))
    registered_by = models.UUIDField(_("recorded by"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.UUIDField(_("withdrawn by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="project_number_once"),
            models.CheckConstraint(
                name="project_crediting_in_order",
                condition=Q(crediting_from=None)
                | Q(crediting_to=None)
                | Q(crediting_from__lt=F("crediting_to")),
            ),
            models.CheckConstraint(
                name="project_withdrawn_with_moment_and_person",
                condition=Q(
                    state=ProjectState.WITHDRAWN,
                    withdrawn_at__isnull=False,
                    withdrawn_by__isnull=False,
                )
                | Q(
                    state=ProjectState.REGISTERED,
                    withdrawn_at__isnull=True,
                    withdrawn_by__isnull=True,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {in_language(self.name_zh, self.name_en)}"


class Plant(StatefulTable):
    """A generator of power. Its MWh may be claimed once, under whatever instrument (R3.11)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("plant number"), max_length=60, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    owner_id = models.UUIDField(_("owner"), null=True)
    technology = models.CharField(
        _("technology"),
        max_length=20,
        choices=[
            ("WIND", _("onshore wind")),
            ("OFFSHORE_WIND", _("offshore wind")),
            ("SOLAR_PV", _("solar PV")),
            ("SOLAR_THERMAL", _("solar thermal")),
            ("HYDRO", _("hydro")),
            ("BIOMASS", _("biomass")),
            ("GEOTHERMAL", _("geothermal")),
            ("OCEAN", _("ocean energy")),
        ],
    )
    commissioned_on = models.DateField(_("commissioned on"), null=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    capacity_mw = models.DecimalField(_("capacity, MW"), max_digits=12, decimal_places=3, null=True)
    registered_at = models.DateTimeField(_("recorded at"))
    registered_by = models.UUIDField(_("recorded by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("plant")
        verbose_name_plural = _("plants")

    def __str__(self) -> str:
        return f"{self.code} {in_language(self.name_zh, self.name_en)}"
