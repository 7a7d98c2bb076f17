"""Certificates that came for settled power, and claims made of both. Each once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.ppas.models.contracts import Contract
from finance.ppas.states import MatchPurpose
from ledger.doors.tables import AppendOnlyTable
from ledger.kernel.ids import new_id


class CertificateMatch(AppendOnlyTable):
    """An entry of the ledger that brought certificates to the buyer, for a settled month."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="matches", verbose_name=_("power contract")
    )
    month = models.DateField(_("month"))
    purpose = models.CharField(_("for"), max_length=9, choices=MatchPurpose)
    lot = models.ForeignKey("ledger_units.Lot", on_delete=models.PROTECT, verbose_name=_("lot"))
    account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, verbose_name=_("buyer's account")
    )
    unit_count = models.BigIntegerField(_("certificates"))
    entry_id = models.UUIDField(_("entry of the ledger"))
    matched_at = models.DateTimeField(_("matched at"))
    matched_by = models.UUIDField(_("matched by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("certificates delivered")
        verbose_name_plural = _("certificates delivered")
        ordering = ["-month", "contract"]
        constraints = [
            models.UniqueConstraint(fields=["entry_id", "lot"], name="certificates_matched_once"),
            models.CheckConstraint(
                name="certificates_matched_for_a_month", condition=Q(month__day=1, unit_count__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.month:%Y-%m}"


class PowerClaim(AppendOnlyTable):
    """The ledger's claim of a delivery: of its certificates, or of a plant's month without any."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="claims", verbose_name=_("power contract")
    )
    month = models.DateField(_("month"))
    match = models.OneToOneField(
        CertificateMatch,
        on_delete=models.PROTECT,
        null=True,
        related_name="claim",
        verbose_name=_("certificates"),
    )
    plant = models.ForeignKey(
        "ledger_instruments.Plant", on_delete=models.PROTECT, null=True, verbose_name=_("plant")
    )
    energy_wh = models.BigIntegerField(_("energy, Wh"))
    claim = models.OneToOneField(
        "ledger_claims.Claim", on_delete=models.PROTECT, verbose_name=_("claim")
    )
    claimed_at = models.DateTimeField(_("claimed at"))
    claimed_by = models.UUIDField(_("claimed by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("claim of delivered power")
        verbose_name_plural = _("claims of delivered power")
        ordering = ["-month", "contract"]
        constraints = [
            models.CheckConstraint(
                name="power_claim_of_certificates_or_plant",
                condition=Q(match__isnull=False, plant__isnull=True)
                | Q(match__isnull=True, plant__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["contract", "month", "plant"],
                name="power_claimed_once_for_plant_and_month",
                condition=Q(plant__isnull=False),
            ),
            models.CheckConstraint(
                name="power_claim_of_a_month", condition=Q(month__day=1, energy_wh__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.month:%Y-%m}"
