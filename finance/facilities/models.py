"""Facilities, the lines of their books, and what moves their margin. Facts are never changed."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.facilities.states import (
    DAY_COUNTS,
    TRANSITIONS,
    Comparison,
    FacilityState,
    LineKind,
    Plan,
    RateKind,
)
from ledger.doors.tables import KeptTable, StatefulTable
from ledger.doors.wording import day, number_format
from ledger.kernel.ids import new_id

MOVES = sorted((str(old), str(new)) for old, after in TRANSITIONS.items() for new in after)


def money(label: Any, **more: Any) -> Any:
    return models.DecimalField(label, max_digits=20, decimal_places=2, **more)


# Whoever writes: the facility's row is locked, then sums are taken.
WITHIN = """
PERFORM 1 FROM finance_facilities_facility WHERE id = NEW.facility_id FOR UPDATE;
IF NEW.kind = 'DRAWN' AND NEW.amount + (SELECT coalesce(sum(amount), 0)
    FROM finance_facilities_line WHERE facility_id = NEW.facility_id AND kind = 'DRAWN')
  > (SELECT limit_amount FROM finance_facilities_facility WHERE id = NEW.facility_id)
THEN RAISE EXCEPTION 'more is drawn than the limit' USING ERRCODE = 'check_violation'; END IF;
IF NEW.kind IN ('REPAID', 'PREPAID') AND NEW.amount > (SELECT coalesce(sum(
    CASE kind WHEN 'DRAWN' THEN amount WHEN 'REPAID' THEN -amount WHEN 'PREPAID' THEN -amount
    ELSE 0 END), 0) FROM finance_facilities_line WHERE facility_id = NEW.facility_id)
THEN RAISE EXCEPTION 'more is repaid than is owed' USING ERRCODE = 'check_violation'; END IF;
IF NEW.kind = 'USED' AND NEW.amount > (SELECT coalesce(sum(
    CASE kind WHEN 'DRAWN' THEN amount WHEN 'USED' THEN -amount ELSE 0 END), 0)
    FROM finance_facilities_line WHERE facility_id = NEW.facility_id)
THEN RAISE EXCEPTION 'more is used than was drawn' USING ERRCODE = 'check_violation'; END IF;
RETURN NEW;
"""


class Facility(StatefulTable):
    """A limit that a lender grants a borrower, and the terms of what is drawn of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("number"), max_length=40)
    borrower_id = models.UUIDField(_("borrower"), db_index=True)
    lender_id = models.UUIDField(_("lender"), db_index=True)
    state = models.CharField(
        _("state"), max_length=9, choices=FacilityState, default=FacilityState.DRAFT
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    limit_amount = money(_("limit"))
    rate_kind = models.CharField(_("interest"), max_length=6, choices=RateKind)
    rate_bps = models.IntegerField(_("rate, or margin over LPR, basis points a year"))
    reset_months = models.PositiveSmallIntegerField(_("months between resets of LPR"), default=12)
    day_count = models.CharField(_("day count"), max_length=16, choices=DAY_COUNTS)
    plan = models.CharField(_("repayment"), max_length=11, choices=Plan)
    period_months = models.PositiveSmallIntegerField(_("months between payments"), default=3)
    grace_months = models.PositiveSmallIntegerField(
        _("months without repayment at first"), default=0
    )
    starts_on = models.DateField(_("begins on"))
    matures_on = models.DateField(_("matures on"))
    is_secured = models.BooleanField(_("secured by a pledge of units"), default=True)
    purpose = models.CharField(_("use of proceeds"), max_length=300)
    evidence = models.CharField(_("contract"), max_length=300)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        ordering = ["-starts_on", "code"]
        constraints = [
            models.UniqueConstraint(fields=["lender_id", "code"], name="facility_code_once"),
            models.UniqueConstraint(
                fields=["idempotency_key"], name="finance_facilities_facility_key_once"
            ),
            models.CheckConstraint(
                name="facility_terms_hold_together",
                condition=Q(
                    limit_amount__gt=0,
                    matures_on__gt=F("starts_on"),
                    period_months__gt=0,
                    reset_months__gt=0,
                )
                & ~Q(lender_id=F("borrower_id")),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(name="facility_moves_by_the_table", field="state", transitions=MOVES),
            pgtrigger.ReadOnly(
                name="facility_terms_never_change", exclude=["state", "approval_id"]
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Line(KeptTable):
    """One line of a facility's books."""

    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, related_name="lines", verbose_name=_("facility")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=LineKind)
    amount = money(pgettext_lazy("money", "amount"))
    happened_on = models.DateField(_("day"))
    payee = models.CharField(_("payee"), max_length=200, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    text = models.CharField(_("note"), max_length=300, blank=True)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("line of a facility")
        verbose_name_plural = _("lines of facilities")
        ordering = ["-happened_on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.CheckConstraint(
                name="facility_line_says_something", condition=Q(amount__gt=0) & ~Q(evidence="")
            ),
        ]
        triggers = [
            *KeptTable.Meta.triggers,
            pgtrigger.Trigger(
                name="facility_line_within_the_sums",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=WITHIN,
            ),
        ]

    def __str__(self) -> str:
        return f"{day(self.happened_on)} {number_format(self.amount, 2)}"


class MarginStep(KeptTable):
    """A target of the contract, and what meeting or missing it does to the margin."""

    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, related_name="steps", verbose_name=_("facility")
    )
    indicator = models.CharField(_("indicator"), max_length=120)
    year = models.PositiveSmallIntegerField(_("year of the figure"))
    comparison = models.CharField(_("target is"), max_length=8, choices=Comparison)
    target = models.DecimalField(_("target"), max_digits=20, decimal_places=6)
    measure = models.CharField(_("measure"), max_length=40)
    met_bps = models.SmallIntegerField(_("change when met, basis points"))
    missed_bps = models.SmallIntegerField(_("change when missed, basis points"))
    applies_on = models.DateField(_("applies from"))
    evidence = models.CharField(_("contract"), max_length=300)

    class Meta(KeptTable.Meta):
        verbose_name = _("margin step")
        verbose_name_plural = _("margin steps")
        ordering = ["applies_on", "id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["facility", "indicator", "year"], name="margin_step_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}"


class Figure(KeptTable):
    """What an indicator was in a year, as a verifier found it."""

    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, related_name="figures", verbose_name=_("facility")
    )
    indicator = models.CharField(_("indicator"), max_length=120)
    year = models.PositiveSmallIntegerField(_("year of the figure"))
    value = models.DecimalField(_("verified figure"), max_digits=20, decimal_places=6)
    verified_by = models.CharField(_("verified by"), max_length=200)
    opinion = models.CharField(_("opinion"), max_length=300)
    # drawn from a verified inventory: which opinion, which total, and the hash it is bound to
    source = models.CharField(_("drawn from"), max_length=120, blank=True)
    source_sha256 = models.CharField(_("SHA-256 of what was verified"), max_length=64, blank=True)
    # typed in: a second person has looked at the document
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("verified figure")
        verbose_name_plural = _("verified figures")
        ordering = ["-year", "indicator"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["facility", "indicator", "year"], name="facility_figure_once"
            ),
            models.CheckConstraint(
                name="facility_figure_is_verified",
                condition=~Q(verified_by="") & ~Q(opinion=""),
            ),
            models.CheckConstraint(
                name="facility_figure_drawn_or_approved",
                condition=(~Q(source="") & ~Q(source_sha256="")) | Q(approval_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}"


class Subsidy(KeptTable):
    """A promise to pay part of a facility's interest (贷款贴息)."""

    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, related_name="subsidies", verbose_name=_("facility")
    )
    bps = models.PositiveIntegerField(_("subsidised, basis points a year"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until before"))
    granted_by = models.CharField(pgettext_lazy("of a subsidy", "granted by"), max_length=200)
    evidence = models.CharField(_("evidence"), max_length=300)

    class Meta(KeptTable.Meta):
        verbose_name = _("promised interest subsidy")
        verbose_name_plural = _("promised interest subsidies")
        ordering = ["-starts_on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.CheckConstraint(
                name="facility_subsidy_of_a_time",
                condition=Q(ends_on__gt=F("starts_on"), bps__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.granted_by} {day(self.starts_on)}"
