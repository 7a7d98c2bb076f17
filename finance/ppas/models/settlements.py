"""Settlement statements. Nothing of a statement is ever edited: the next version follows it."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from finance.ppas.models.contracts import Contract
from finance.ppas.models.metering import MeterMonth, Point
from finance.ppas.states import PartKind, Role, StatementKind, Tariff
from ledger.doors.tables import AppendOnlyTable
from ledger.kernel.ids import new_id

LINE_KINDS = [
    *PartKind.choices,
    ("SHORTFALL_SELLER", _("Shortfall of the generator")),
    ("SHORTFALL_BUYER", _("Shortfall of the user")),
    ("SURPLUS", _("Surplus")),
]


def _energy(name: Any) -> "models.BigIntegerField[int, int]":
    return models.BigIntegerField(name)


def _money(name: Any) -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(name, max_digits=20, decimal_places=2)


class Settlement(AppendOnlyTable):
    """What a month of a contract comes to: quantities, money, certificates."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(
        Contract,
        on_delete=models.PROTECT,
        related_name="settlements",
        verbose_name=_("power contract"),
    )
    month = models.DateField(_("month"))
    version = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind of statement"), max_length=11, choices=StatementKind)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by",
        verbose_name=_("takes the place of"),
    )  # fmt: skip
    contracted_wh = _energy(_("contracted, Wh"))
    generated_wh = _energy(_("generated, Wh"))
    consumed_wh = _energy(_("consumed, Wh"))
    delivered_wh = _energy(_("delivered, Wh"))
    settled_wh = _energy(_("settled, Wh"))
    seller_short_wh = _energy(_("shortfall of the generator, Wh"))
    buyer_short_wh = _energy(_("shortfall of the user, Wh"))
    surplus_wh = _energy(_("surplus, Wh"))
    make_good_wh = _energy(_("to be made good, Wh"))
    carried_in_wh = _energy(_("carried in, Wh"))
    certificate_count = models.BigIntegerField(_("certificates due"))
    carried_out_wh = _energy(_("carried on, Wh"))
    missing_count = models.IntegerField(_("missing meter rows"))
    contract_price_cny_per_kwh = models.DecimalField(
        _("contract price, CNY/kWh"), max_digits=14, decimal_places=8
    )
    buyer_pays_cny = _money(_("the buyer pays, CNY"))
    seller_gets_cny = _money(_("the seller gets, CNY"))
    grid_gets_cny = _money(_("the grid company gets, CNY"))
    treasury_gets_cny = _money(_("the treasury gets, CNY"))
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    approval_id = models.UUIDField(_("approval"), null=True)
    settled_at = models.DateTimeField(_("settlement made at"))
    settled_by = models.UUIDField(_("settlement made by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("settlement statement")
        verbose_name_plural = _("settlement statements")
        ordering = ["-month", "contract", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "month", "version"], name="settlement_once_a_version"
            ),
            models.UniqueConstraint(
                fields=["contract", "month"],
                name="settlement_final_once",
                condition=Q(kind=StatementKind.FINAL),
            ),
            models.CheckConstraint(
                name="settlement_first_or_follows",
                condition=Q(version=1, supersedes__isnull=True)
                | Q(version__gt=1, supersedes__isnull=False),
            ),
            models.CheckConstraint(
                name="settlement_within_the_minimum",
                condition=Q(
                    settled_wh__gte=0,
                    settled_wh__lte=F("contracted_wh"),
                    delivered_wh__lte=F("generated_wh"),
                    surplus_wh=F("delivered_wh") - F("settled_wh"),
                ),
            ),
            models.CheckConstraint(
                name="settlement_carries_what_is_left",
                condition=Q(
                    carried_out_wh=F("settled_wh")
                    + F("carried_in_wh")
                    - F("certificate_count") * 1_000_000,
                    certificate_count__gte=0,
                )
                | Q(carried_in_wh=0, carried_out_wh=0, certificate_count=0),
            ),
            models.CheckConstraint(
                name="settlement_parts_are_the_total",
                condition=Q(
                    buyer_pays_cny=F("seller_gets_cny")
                    + F("grid_gets_cny")
                    + F("treasury_gets_cny")
                ),
            ),
            models.CheckConstraint(
                name="settlement_final_is_complete",
                condition=Q(kind=StatementKind.PRELIMINARY) | Q(missing_count=0),
            ),
            models.CheckConstraint(
                name="settlement_hash_is_sha256", condition=Q(content_hash__regex=r"^[0-9a-f]{64}$")
            ),
        ]
        indexes = [models.Index(fields=["month"], name="settlement_by_month")]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.month:%Y-%m} v{self.version}"


class SettlementLine(AppendOnlyTable):
    """One line of a statement: a price on a quantity, with where both come from."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, related_name="lines", verbose_name=_("statement")
    )
    position = models.PositiveSmallIntegerField(_("line"))
    kind = models.CharField(_("what"), max_length=16, choices=LINE_KINDS)
    tariff = models.CharField(_("hours of use"), max_length=1, choices=Tariff, blank=True)
    energy_wh = _energy(_("energy, Wh"))
    cny_per_kwh = models.DecimalField(_("price, CNY/kWh"), max_digits=18, decimal_places=12)
    amount_cny = _money(_("amount, CNY"))
    payer = models.CharField(_("payer"), max_length=8, choices=Role)
    payee = models.CharField(_("payee"), max_length=8, choices=Role)
    price = models.ForeignKey(
        "finance_ppas.PricePart", on_delete=models.PROTECT, null=True, verbose_name=_("price part")
    )
    rule = models.ForeignKey(
        "finance_ppas.DeviationRule",
        on_delete=models.PROTECT,
        null=True,
        verbose_name=_("deviation rule"),
    )

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        ordering = ["settlement", "position"]
        constraints = [
            models.UniqueConstraint(fields=["settlement", "position"], name="settlement_line_once"),
            models.CheckConstraint(
                name="settlement_line_from_one_source",
                condition=Q(price__isnull=False, rule__isnull=True)
                | Q(price__isnull=True, rule__isnull=False),
            ),
            models.CheckConstraint(
                name="settlement_line_not_negative",
                condition=Q(energy_wh__gte=0, amount_cny__gte=0) & ~Q(payer=F("payee")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.get_kind_display()}"


class SettlementPoint(AppendOnlyTable):
    """What a meter read, what share of it is the contract's, and what of that was settled."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, related_name="points", verbose_name=_("statement")
    )
    point = models.ForeignKey(Point, on_delete=models.PROTECT, verbose_name=_("metering point"))
    # the rows as they stood: none where the meter gave nothing
    meter_month = models.ForeignKey(
        MeterMonth, on_delete=models.PROTECT, null=True, verbose_name=_("metered month")
    )
    metered_wh = _energy(_("metered, Wh"))
    share_bps = models.PositiveSmallIntegerField(_("share, basis points"))
    settled_wh = _energy(_("settled, Wh"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("meter of a statement")
        verbose_name_plural = _("meters of statements")
        constraints = [
            models.UniqueConstraint(fields=["settlement", "point"], name="settlement_point_once"),
            # with the bands of a meter that never overlap: no MWh is settled twice
            models.CheckConstraint(
                name="settled_within_the_share_of_the_meter",
                condition=Q(settled_wh__gte=0, share_bps__gt=0, share_bps__lte=10_000)
                & Q(settled_wh__lte=F("metered_wh") * F("share_bps") / 10_000),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.settlement}"
