"""Contracts and their dated terms. Terms are added; the newest that has begun holds."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from finance.ppas.rules.terms import WHOLE_BPS
from finance.ppas.states import (
    ContractKind,
    ContractState,
    DeviationOf,
    Matching,
    PartKind,
    QuantityRule,
    RuleKind,
    Tariff,
)
from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.kernel.ids import new_id


class Contract(StatefulTable):
    """Power that a seller delivers to a buyer month by month, with or without certificates."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("kept by"), db_index=True)
    number = models.CharField(_("contract number"), max_length=60)
    title = models.CharField(_("title"), max_length=160)
    kind = models.CharField(_("kind"), max_length=12, choices=ContractKind)
    state = models.CharField(
        _("state"), max_length=9, choices=ContractState, default=ContractState.DRAFT
    )
    seller_id = models.UUIDField(_("seller"))
    buyer_id = models.UUIDField(_("buyer"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"))
    region = models.CharField(_("province"), max_length=6, blank=True)
    quantity_rule = models.CharField(_("settled quantity"), max_length=10, choices=QuantityRule)
    matching = models.CharField(_("matching"), max_length=5, choices=Matching)
    # 24 letters for each month; empty: one price for all hours
    tariff_hours = models.CharField(_("hours of use"), max_length=288, blank=True)
    is_bundled = models.BooleanField(_("certificates come with the power"))
    is_direct = models.BooleanField(_("directly connected"))
    agreement = models.CharField(_("connection agreement"), max_length=200, blank=True)
    line = models.CharField(_("line or node"), max_length=200, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.UUIDField(_("entered by"))
    signed_at = models.DateTimeField(_("in force since"), null=True)
    signed_by = models.UUIDField(_("put in force by"), null=True)
    approval_id = models.UUIDField(_("approval"), null=True)
    idempotency_key = models.CharField(max_length=250)

    class Meta(StatefulTable.Meta):
        verbose_name = _("green power contract")
        verbose_name_plural = _("green power contracts")
        ordering = ["-entered_at"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="ppa_contract_key_once"),
            models.UniqueConstraint(
                fields=["party_id", "number"], name="ppa_contract_number_once_for_its_keeper"
            ),
            models.CheckConstraint(
                name="ppa_contract_between_two", condition=~Q(seller_id=F("buyer_id"))
            ),
            models.CheckConstraint(
                name="ppa_contract_of_whole_months",
                condition=Q(valid_from__lt=F("valid_to"), valid_from__day=1, valid_to__day=1),
            ),
            models.CheckConstraint(
                name="ppa_contract_tariff_is_whole",
                condition=Q(tariff_hours="") | Q(tariff_hours__regex=r"^([SPFVD]{24}){12}$"),
            ),
            models.CheckConstraint(
                name="ppa_contract_signed_by_somebody",
                condition=Q(
                    state=ContractState.SIGNED, signed_at__isnull=False, signed_by__isnull=False
                )
                | Q(
                    ~Q(state=ContractState.SIGNED),
                    signed_at__isnull=True,
                    signed_by__isnull=True,
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["seller_id"], name="ppa_contract_by_seller"),
            models.Index(fields=["buyer_id"], name="ppa_contract_by_buyer"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class PricePart(AppendOnlyTable):
    """One price of one part, from a month on, until a later one of the same part and hours."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="prices", verbose_name=_("power contract")
    )
    kind = models.CharField(_("price part"), max_length=12, choices=PartKind)
    tariff = models.CharField(_("hours of use"), max_length=1, choices=Tariff, blank=True)
    cny_per_kwh = models.DecimalField(_("price, CNY/kWh"), max_digits=14, decimal_places=8)
    valid_from = models.DateField(_("valid from"))
    basis = models.CharField(_("basis"), max_length=200)
    approval_id = models.UUIDField(_("approval"), null=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("price part")
        verbose_name_plural = _("price parts")
        ordering = ["contract", "kind", "tariff", "valid_from", "recorded_at"]
        constraints = [
            models.CheckConstraint(name="price_part_not_negative", condition=Q(cny_per_kwh__gte=0)),
            models.CheckConstraint(
                name="price_part_from_a_first_day", condition=Q(valid_from__day=1)
            ),
            models.CheckConstraint(
                name="premium_has_one_price",
                condition=~Q(kind=PartKind.ENVIRONMENT) | Q(tariff=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.cny_per_kwh.normalize():f}"


class Volume(AppendOnlyTable):
    """What is contracted for a month; the newest version holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="volumes", verbose_name=_("power contract")
    )
    month = models.DateField(_("month"))
    version = models.PositiveSmallIntegerField(_("version"))
    energy_wh = models.BigIntegerField(_("contracted, Wh"))
    # 24 amounts for each day of the month; none: the month as a whole
    hours_wh = models.JSONField(_("contracted by hour, Wh"), null=True)
    approval_id = models.UUIDField(_("approval"), null=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("contracted quantity")
        verbose_name_plural = _("contracted quantities")
        ordering = ["contract", "month", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "month", "version"], name="volume_once_a_version"
            ),
            models.CheckConstraint(
                name="volume_of_a_month", condition=Q(month__day=1, energy_wh__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class DeviationRule(AppendOnlyTable):
    """What a shortfall or surplus costs, from a month on (R8.4)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(
        Contract,
        on_delete=models.PROTECT,
        related_name="deviations",
        verbose_name=_("power contract"),
    )
    of = models.CharField(_("deviation"), max_length=7, choices=DeviationOf)
    kind = models.CharField(_("rule"), max_length=14, choices=RuleKind)
    rate_bps = models.PositiveIntegerField(_("share of the price, basis points"), default=0)
    tolerance_bps = models.PositiveSmallIntegerField(_("free band, basis points"), default=0)
    cny_per_kwh = models.DecimalField(
        _("price, CNY/kWh"), max_digits=14, decimal_places=8, null=True
    )
    valid_from = models.DateField(_("valid from"))
    basis = models.CharField(_("basis"), max_length=200)
    is_unverified = models.BooleanField(_("unverified"), default=False)
    approval_id = models.UUIDField(_("approval"), null=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("deviation rule")
        verbose_name_plural = _("deviation rules")
        ordering = ["contract", "of", "valid_from", "recorded_at"]
        constraints = [
            models.CheckConstraint(
                name="deviation_rule_has_its_numbers",
                condition=Q(kind=RuleKind.SHARE_OF_PRICE, rate_bps__gt=0, cny_per_kwh__isnull=True)
                | Q(
                    kind__in=[RuleKind.REPLACEMENT, RuleKind.AT_PRICE],
                    rate_bps=0,
                    cny_per_kwh__gte=0,
                )
                | Q(
                    kind__in=[RuleKind.NONE, RuleKind.MAKE_GOOD],
                    rate_bps=0,
                    cny_per_kwh__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="deviation_rule_from_a_first_day",
                condition=Q(valid_from__day=1, tolerance_bps__lte=WHOLE_BPS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_of_display()}: {self.get_kind_display()}"


class Slice(AppendOnlyTable):
    """A band of a meter, in basis points of every MWh, that is a contract's for a time.

    Bands of one meter at one time never overlap: no MWh is settled under two contracts.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="slices", verbose_name=_("power contract")
    )
    point = models.ForeignKey(
        "finance_ppas.Point", on_delete=models.PROTECT, related_name="slices",
        verbose_name=_("metering point"),
    )  # fmt: skip
    band = IntegerRangeField(_("band, basis points"))
    validity = DateRangeField(_("validity"))
    approval_id = models.UUIDField(_("approval"), null=True)
    attached_at = models.DateTimeField(_("attached at"))
    attached_by = models.UUIDField(_("attached by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("share of a meter")
        verbose_name_plural = _("shares of meters")
        constraints = [
            ExclusionConstraint(
                name="slice_of_a_meter_is_of_one_contract",
                expressions=[
                    ("point", RangeOperators.EQUAL),
                    ("band", RangeOperators.OVERLAPS),
                    ("validity", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="slice_within_the_whole",
                condition=Q(band__contained_by=(0, WHOLE_BPS)) & Q(band__isempty=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.share_bps} bps"

    @property
    def share_bps(self) -> int:
        return int(self.band.upper - self.band.lower)
