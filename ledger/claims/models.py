"""Claims, the serials and the generated MWh they use up, and what was generated."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from ledger.claims.rules import PPA, SELF_USE
from ledger.claims.states import ClaimState, ClaimUse, IssuanceState
from ledger.doors.tables import StatefulTable
from ledger.kernel.ids import new_id

WITHOUT_CERTIFICATE = [SELF_USE, PPA]


class Generation(StatefulTable):
    """What a plant generated in a month, by its meter, and how much of it nobody claims yet."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plant = models.ForeignKey(
        "ledger_instruments.Plant", on_delete=models.PROTECT, verbose_name=_("plant")
    )
    month = models.DateField(_("month"))
    metered_mwh = models.DecimalField(_("metered, MWh"), max_digits=18, decimal_places=6)
    remaining_mwh = models.DecimalField(_("not yet claimed, MWh"), max_digits=18, decimal_places=6)
    evidence = models.CharField(_("evidence"), max_length=300)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("generation")
        verbose_name_plural = _("generation")
        constraints = [
            models.UniqueConstraint(fields=["plant", "month"], name="generation_once_a_month"),
            models.CheckConstraint(
                name="generation_claimed_within_metered",
                condition=Q(remaining_mwh__gte=0, remaining_mwh__lte=F("metered_mwh")),
            ),
            models.CheckConstraint(
                name="generation_month_begins_on_its_first", condition=Q(month__day=1)
            ),
            models.CheckConstraint(name="generation_has_evidence", condition=~Q(evidence="")),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(name="generation_facts_never_change", exclude=["remaining_mwh"]),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.metered_mwh.normalize():f} MWh"


class Claim(StatefulTable):
    """A quantity of an instrument, used by one claimant for one purpose and period. Once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # a scheme's code; SELF_USE and PPA: power without a certificate
    instrument = models.CharField(_("instrument"), max_length=30)
    state = models.CharField(
        _("state"), max_length=8, choices=ClaimState, default=ClaimState.STANDING
    )
    claimant_id = models.UUIDField(_("claimant"))
    use = models.CharField(_("use"), max_length=12, choices=ClaimUse)
    purpose = models.CharField(_("purpose"), max_length=200)
    # where the energy was used: a redemption names it (R3.20), ISO 3166-1
    country = models.CharField(_("country"), max_length=2, blank=True)
    period_from = models.DateField(_("period from"))
    period_to = models.DateField(_("period to (exclusive)"))
    account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, null=True, verbose_name=_("account")
    )
    lot = models.ForeignKey(
        "ledger_units.Lot", on_delete=models.PROTECT, null=True, verbose_name=_("lot")
    )
    unit_count = models.BigIntegerField(_("units"), null=True)
    mwh = models.DecimalField(_("energy, MWh"), max_digits=18, decimal_places=6, null=True)
    plant = models.ForeignKey(
        "ledger_instruments.Plant", on_delete=models.PROTECT, null=True, verbose_name=_("plant")
    )
    generated_from = models.DateField(_("generated from"), null=True)
    generated_to = models.DateField(_("generated to (exclusive)"), null=True)
    answers = models.JSONField(_("quality criteria"), default=dict)
    rules_digest = models.CharField(_("version of the rules"), max_length=64, blank=True)
    entry_id = models.UUIDField(_("retirement"), null=True, unique=True)
    reversal_entry_id = models.UUIDField(_("reversal"), null=True, unique=True)
    claimed_at = models.DateTimeField(_("claimed at"))
    claimed_by = models.UUIDField(_("claimed by"))
    reversed_at = models.DateTimeField(_("reversed at"), null=True)
    reversed_by = models.UUIDField(_("reversed by"), null=True)
    idempotency_key = models.CharField(max_length=250, unique=True)
    request_digest = models.BinaryField(max_length=32)

    class Meta(StatefulTable.Meta):
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(
                name="claim_period_in_order", condition=Q(period_from__lt=F("period_to"))
            ),
            models.CheckConstraint(
                name="claim_of_units_has_its_retirement",
                condition=Q(
                    lot__isnull=False,
                    account__isnull=False,
                    unit_count__gt=0,
                    entry_id__isnull=False,
                )
                | Q(
                    instrument__in=WITHOUT_CERTIFICATE,
                    lot__isnull=True,
                    unit_count__isnull=True,
                    entry_id__isnull=True,
                    mwh__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="claim_reversed_only_with_its_reversal",
                condition=Q(
                    state=ClaimState.STANDING,
                    reversal_entry_id__isnull=True,
                    reversed_at__isnull=True,
                    reversed_by__isnull=True,
                )
                | Q(
                    Q(reversal_entry_id__isnull=False) | Q(entry_id__isnull=True),
                    state=ClaimState.REVERSED,
                    reversed_at__isnull=False,
                    reversed_by__isnull=False,
                ),
            ),
        ]
        indexes = [models.Index(fields=["claimant_id", "period_from"], name="claim_by_claimant")]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(
                name="claim_moves_by_the_table",
                field="state",
                transitions=[("STANDING", "REVERSED")],
            ),
            pgtrigger.ReadOnly(
                name="claim_facts_never_change",
                exclude=["state", "reversal_entry_id", "reversed_at", "reversed_by"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.unit_count or self.mwh}"


class Issuance(StatefulTable):
    """The whole certificates of a plant's month, and what is carried to the next (R3.12)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scheme = models.CharField(_("scheme"), max_length=30)
    # of certificates that are issued and never traded (R3.13); empty: ordinary ones
    kind = models.CharField(_("kind"), max_length=20, blank=True)
    generation = models.ForeignKey(
        Generation, on_delete=models.PROTECT, verbose_name=_("generation")
    )
    basis_mwh = models.DecimalField(_("of the month, MWh"), max_digits=18, decimal_places=6)
    carried_in_mwh = models.DecimalField(_("carried in, MWh"), max_digits=18, decimal_places=6)
    carried_in_from = models.DateField(_("carried in from the month"), null=True)
    unit_count = models.BigIntegerField(_("units"))
    carried_out_mwh = models.DecimalField(_("carried on, MWh"), max_digits=18, decimal_places=6)
    lot = models.ForeignKey(
        "ledger_units.Lot", on_delete=models.PROTECT, null=True, verbose_name=_("lot")
    )
    entry_id = models.UUIDField(_("entry"), null=True, unique=True)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.UUIDField(_("issued by"))
    state = models.CharField(
        _("state"), max_length=8, choices=IssuanceState, default=IssuanceState.STANDING
    )
    reversal_entry_id = models.UUIDField(_("reversal"), null=True, unique=True)
    reversed_at = models.DateTimeField(_("reversed at"), null=True)
    reversed_by = models.UUIDField(_("reversed by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("issuance of certificates")
        verbose_name_plural = _("issuances of certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "scheme", "kind"],
                condition=Q(state=IssuanceState.STANDING),
                name="issuance_stands_once_a_month",
            ),
            models.CheckConstraint(
                name="issuance_reversed_with_moment_person_and_entry",
                condition=Q(
                    state=IssuanceState.STANDING,
                    reversal_entry_id__isnull=True,
                    reversed_at__isnull=True,
                    reversed_by__isnull=True,
                )
                | Q(
                    Q(reversal_entry_id__isnull=False) | Q(entry_id__isnull=True),
                    state=IssuanceState.REVERSED,
                    reversed_at__isnull=False,
                    reversed_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="issuance_loses_nothing",
                condition=Q(
                    unit_count=F("basis_mwh") + F("carried_in_mwh") - F("carried_out_mwh"),
                    carried_out_mwh__gte=0,
                    carried_out_mwh__lt=1,
                    basis_mwh__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="issuance_of_units_has_its_lot",
                condition=Q(unit_count=0, lot__isnull=True, entry_id__isnull=True)
                | Q(unit_count__gt=0, lot__isnull=False, entry_id__isnull=False),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(
                name="issuance_moves_by_the_table",
                field="state",
                transitions=[("STANDING", "REVERSED")],
            ),
            pgtrigger.ReadOnly(
                name="issuance_facts_never_change",
                exclude=["state", "reversal_entry_id", "reversed_at", "reversed_by"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.unit_count}"


class ClaimedRange(StatefulTable):
    """Serial numbers under a claim: in one serial space, no number twice."""

    id = models.BigAutoField(primary_key=True)
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, related_name="ranges", verbose_name=_("claim")
    )
    space = models.CharField(_("serial space"), max_length=250)
    first_serial = models.BigIntegerField(_("first serial"))
    last_serial = models.BigIntegerField(_("last serial"))
    stands = models.BooleanField(_("stands"), default=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("claimed serials")
        verbose_name_plural = _("claimed serials")
        constraints = [
            models.CheckConstraint(
                name="claimed_serials_in_order", condition=Q(last_serial__gte=F("first_serial"))
            ),
            ExclusionConstraint(
                name="claimed_serials_never_overlap",
                expressions=[
                    ("space", RangeOperators.EQUAL),
                    (
                        Func("first_serial", "last_serial", Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(stands=True),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(name="claimed_range_never_changes", exclude=["stands"]),
        ]

    def __str__(self) -> str:
        return f"{self.first_serial}–{self.last_serial}"


class GenerationSlice(StatefulTable):
    """MWh of one plant and month under a claim."""

    id = models.BigAutoField(primary_key=True)
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, related_name="slices", verbose_name=_("claim")
    )
    generation = models.ForeignKey(
        Generation, on_delete=models.PROTECT, related_name="slices", verbose_name=_("generation")
    )
    mwh = models.DecimalField(_("energy, MWh"), max_digits=18, decimal_places=6)
    stands = models.BooleanField(_("stands"), default=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("claimed generation")
        verbose_name_plural = _("claimed generation")
        constraints = [
            models.CheckConstraint(name="slice_mwh_positive", condition=Q(mwh__gt=0)),
            models.UniqueConstraint(fields=["claim", "generation"], name="slice_once_a_month"),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(name="slice_never_changes", exclude=["stands"]),
        ]

    def __str__(self) -> str:
        return f"{self.mwh.normalize():f} MWh"
