from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import period
from ledger.kernel.ids import new_id
from reporting.inventories.states import Consolidation, GasGroup, InventoryState

# Wide enough that what is stored equals what was computed, for every mass and factor we load.
DIGITS, PLACES = 60, 30


class StateChoice(models.TextChoices):
    DRAFT = InventoryState.DRAFT, _("Draft")
    CALCULATED = InventoryState.CALCULATED, _("Calculated")
    FROZEN = InventoryState.FROZEN, _("Frozen")
    RESTATED = InventoryState.RESTATED, _("Restated by a later inventory")


class ConsolidationChoice(models.TextChoices):
    OPERATIONAL_CONTROL = Consolidation.OPERATIONAL_CONTROL, _("operational control")
    FINANCIAL_CONTROL = Consolidation.FINANCIAL_CONTROL, _("financial control")
    EQUITY_SHARE = Consolidation.EQUITY_SHARE, _("equity share")


class GasGroupChoice(models.TextChoices):
    CO2 = GasGroup.CO2, "CO2"
    CH4 = GasGroup.CH4, "CH4"
    N2O = GasGroup.N2O, "N2O"
    HFCS = GasGroup.HFCS, "HFCs"
    PFCS = GasGroup.PFCS, "PFCs"
    SF6 = GasGroup.SF6, "SF6"
    NF3 = GasGroup.NF3, "NF3"
    BIOGENIC_CO2 = GasGroup.BIOGENIC_CO2, _("biogenic CO2")
    NOT_BY_GAS = GasGroup.NOT_BY_GAS, _("CO2e, not by gas")
    NOT_KYOTO = GasGroup.NOT_KYOTO, _("gases outside the scopes")


class Inventory(StatefulTable):
    """A greenhouse-gas inventory of a park for a period, under one way of consolidating."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    park = models.ForeignKey("reporting_parks.Park", models.PROTECT, verbose_name=_("park"))
    party_id = models.UUIDField(_("operator"))
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period to (exclusive)"))
    consolidation = models.CharField(
        _("consolidation approach"), max_length=24, choices=ConsolidationChoice
    )
    gwp_set = models.CharField(_("GWP set"), max_length=20)
    purpose = models.CharField(_("purpose"), max_length=20, default="CORPORATE")
    state = models.CharField(_("state"), max_length=12, choices=StateChoice)
    # what the calculation and the report need beyond the data: base year, significance,
    # exclusions with reasons, certificates of own power sold, measured masses of a facility
    choices = models.JSONField(_("choices"), default=dict)
    calculation = models.PositiveIntegerField(_("calculation no."), default=0)
    calculated_on = models.DateField(_("calculated on"), null=True)
    result_digest = models.CharField(_("digest of the result"), max_length=64, blank=True)
    scope_1_tco2e = models.DecimalField(
        _("Scope 1 (tCO2e)"), null=True, max_digits=DIGITS, decimal_places=PLACES
    )
    scope_2_location_tco2e = models.DecimalField(
        _("Scope 2, location-based (tCO2e)"), null=True, max_digits=DIGITS, decimal_places=PLACES
    )
    scope_2_market_tco2e = models.DecimalField(
        _("Scope 2, market-based (tCO2e)"), null=True, max_digits=DIGITS, decimal_places=PLACES
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("restates")
    )
    built_at = models.DateTimeField(_("built at"))
    built_by = models.UUIDField(_("built by"))
    moved_at = models.DateTimeField(_("last move at"))
    moved_by = models.UUIDField(_("last move by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("greenhouse-gas inventory")
        verbose_name_plural = _("greenhouse-gas inventories")
        ordering = ["-period_start", "-id"]
        constraints = [
            models.CheckConstraint(
                name="inventory_ends_after_start", condition=Q(period_end__gt=F("period_start"))
            ),
            models.CheckConstraint(
                name="inventory_state_is_known",
                condition=Q(state__in=[state.value for state in InventoryState]),
            ),
            models.CheckConstraint(
                name="inventory_calculated_has_totals",
                condition=Q(state=InventoryState.DRAFT)
                | Q(
                    scope_1_tco2e__isnull=False,
                    scope_2_location_tco2e__isnull=False,
                    scope_2_market_tco2e__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whose} {period(self.period_start, self.period_end)}"

    @property
    def inner_park(self) -> str:
        """The park within the park whose inventory it is; nothing for the whole park's."""
        name: str = self.choices.get("inner_park", "")
        return name

    @property
    def whose(self) -> str:
        """The park, and the park within it if it is that one's."""
        return " · ".join(filter(None, (str(self.park), self.inner_park)))


class InventoryLine(AppendOnlyTable):
    """One gas of one activity in one calculation: what every number is made of."""

    id = models.BigAutoField(_("id"), primary_key=True)
    inventory = models.ForeignKey(
        Inventory, models.PROTECT, related_name="lines", verbose_name=_("inventory")
    )
    calculation = models.PositiveIntegerField(_("calculation no."))
    position = models.PositiveIntegerField(_("line"))
    source_code = models.CharField(_("source"), max_length=60)
    month = models.DateField(_("month"))
    activity_id = models.CharField(_("activity row"), max_length=80)
    activity_digest = models.CharField(_("digest of the activity"), max_length=64, blank=True)
    factor_id = models.CharField(_("factor row"), max_length=80)
    factor_digest = models.CharField(_("digest of the factor"), max_length=64, blank=True)
    gas = models.CharField(_("gas"), max_length=20)
    gas_group = models.CharField(_("gas group"), max_length=16, choices=GasGroupChoice)
    category = models.PositiveSmallIntegerField(_("ISO 14064-1 category"))
    subcategory = models.CharField(_("part of the category"), max_length=24)
    formula = models.CharField(_("formula"), max_length=300)
    mass_t = models.DecimalField(_("mass (t)"), max_digits=DIGITS, decimal_places=PLACES)
    gwp = models.DecimalField(_("GWP"), max_digits=20, decimal_places=6)
    emission_tco2e = models.DecimalField(
        _("emission (tCO2e)"), max_digits=DIGITS, decimal_places=PLACES
    )

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("inventory line")
        verbose_name_plural = _("inventory lines")
        ordering = ["inventory", "-calculation", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["inventory", "calculation", "position"], name="inventory_line_once"
            ),
            models.CheckConstraint(
                name="inventory_line_mass_not_negative", condition=Q(mass_t__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_code} {self.month:%Y-%m} {self.gas}"


class FrozenInventory(AppendOnlyTable):
    """An inventory as it stood, with one hash. What opinions and reports bind to."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    inventory = models.ForeignKey(
        Inventory, models.PROTECT, related_name="frozen", verbose_name=_("inventory")
    )
    content = models.JSONField(_("content"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    dataset_hash = models.CharField(_("dataset hash"), max_length=64)
    data_state = models.CharField(_("state of the data"), max_length=12, blank=True)
    checkpoint_size = models.BigIntegerField(_("size of the log at the last checkpoint"), null=True)
    frozen_at = models.DateTimeField(_("frozen at"))
    frozen_by = models.UUIDField(_("frozen by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("frozen inventory")
        verbose_name_plural = _("frozen inventories")
        ordering = ["-frozen_at"]
        constraints = [
            models.UniqueConstraint(fields=["inventory"], name="inventory_frozen_once"),
        ]

    def __str__(self) -> str:
        return f"{self.inventory} {self.content_hash[:12]}"
