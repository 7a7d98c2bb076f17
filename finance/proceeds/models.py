"""Raised money and where it went. What is allocated or spent never exceeds what there is."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.proceeds.states import Category, RaisingKind, Stance, Tag
from ledger.doors.tables import KeptTable, StatefulTable
from ledger.doors.wording import day, in_language, number_format
from ledger.kernel.ids import new_id


def money(label: Any, **more: Any) -> Any:
    """An amount in the currency of what was raised, in hundredths."""
    return models.DecimalField(label, max_digits=20, decimal_places=2, **more)


def measured(label: Any, **more: Any) -> Any:
    return models.DecimalField(label, max_digits=20, decimal_places=3, **more)


# Both tables lock the raising first, so that two writers cannot share the same yuan.
_WITHIN_THE_MONEY = """
PERFORM 1 FROM finance_proceeds_raising WHERE id = NEW.raising_id FOR UPDATE;
IF (SELECT coalesce(sum(amount), 0) FROM finance_proceeds_allocation
    WHERE raising_id = NEW.raising_id)
 + (SELECT coalesce(sum(amount), 0) FROM finance_proceeds_subsidy
    WHERE raising_id = NEW.raising_id) + NEW.amount
 > (SELECT raised_amount FROM finance_proceeds_raising
    WHERE id = NEW.raising_id AND stance = 'RAISED')
THEN RAISE EXCEPTION 'more is allocated than was raised' USING ERRCODE = 'check_violation';
END IF;
"""
_HELD_ALLOCATES_NOTHING = """
IF NOT EXISTS (SELECT 1 FROM finance_proceeds_raising
    WHERE id = NEW.raising_id AND stance = 'RAISED')
THEN RAISE EXCEPTION 'nothing is allocated of what is only held' USING ERRCODE = 'check_violation';
END IF;
"""
_SPENT_STAYS_ALLOCATED = """
IF (SELECT coalesce(sum(amount), 0) FROM finance_proceeds_allocation
    WHERE raising_id = NEW.raising_id AND project_id = NEW.project_id){now}
 < (SELECT coalesce(sum(amount), 0) FROM finance_proceeds_spending
    WHERE raising_id = NEW.raising_id AND project_id = NEW.project_id){spent}
THEN RAISE EXCEPTION 'more is spent than was allocated' USING ERRCODE = 'check_violation';
END IF;
"""
ALLOCATED = (
    _WITHIN_THE_MONEY
    + _HELD_ALLOCATES_NOTHING
    + _SPENT_STAYS_ALLOCATED.format(now=" + NEW.amount", spent="")
    + "RETURN NEW;"
)
SUBSIDISED = _WITHIN_THE_MONEY + _HELD_ALLOCATES_NOTHING + "RETURN NEW;"
SPENT = (
    "PERFORM 1 FROM finance_proceeds_raising WHERE id = NEW.raising_id FOR UPDATE;"
    + _SPENT_STAYS_ALLOCATED.format(now="", spent=" + NEW.amount")
    + "RETURN NEW;"
)


def before_insert(name: str, func: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name, when=pgtrigger.Before, operation=pgtrigger.Insert, func=func
    )


class Raising(StatefulTable):
    """A bond, a trust, a budget line …: money with a purpose. A row to lock by; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    code = models.CharField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=20, choices=RaisingKind)
    stance = models.CharField(_("whose it is"), max_length=6, choices=Stance)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    issuer = models.CharField(_("issuer"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    principal = money(_("principal"))
    raised_amount = money(_("net proceeds"))
    coupon_bps = models.PositiveIntegerField(_("coupon, basis points a year"), null=True)
    raised_on = models.DateField(_("raised on"))
    matures_on = models.DateField(_("matures on"), null=True)
    category = models.CharField(_("category of use"), max_length=12, choices=Category)
    tag = models.CharField(_("green or transition"), max_length=10, choices=Tag)
    opinion = models.CharField(_("third-party opinion"), max_length=300, blank=True)
    expected_tco2e = measured(_("expected reduction, tCO2e a year"), null=True)
    expected_tce = measured(_("expected saving, tce a year"), null=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(StatefulTable.Meta):
        verbose_name = _("raised money")
        verbose_name_plural = _("bonds, trusts and budget lines")
        ordering = ["-raised_on", "code"]
        constraints = [
            models.UniqueConstraint(fields=["party_id", "code"], name="raising_code_once"),
            models.UniqueConstraint(
                fields=["idempotency_key"], name="finance_proceeds_raising_key_once"
            ),
            models.CheckConstraint(
                name="raising_amounts_positive",
                condition=Q(principal__gt=0, raised_amount__gt=0),
            ),
            models.CheckConstraint(
                name="raising_matures_later",
                condition=Q(matures_on__isnull=True) | Q(matures_on__gt=F("raised_on")),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(name="raising_never_changes"),
        ]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Project(KeptTable):
    """What money is spent on. `multiplier`: by what its investment counts (seed 001)."""

    party_id = models.UUIDField(_("party"), db_index=True)
    code = models.CharField(_("code"), max_length=40)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    category = models.CharField(_("category of use"), max_length=12, choices=Category)
    investment_amount = money(_("investment in all"))
    multiplier = models.DecimalField(
        _("investment multiplier"), max_digits=4, decimal_places=2, null=True
    )
    text = models.CharField(_("note"), max_length=300, blank=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("financed project")
        verbose_name_plural = _("financed projects")
        ordering = ["code"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(fields=["party_id", "code"], name="financed_project_code_once"),
            models.CheckConstraint(
                name="financed_project_costs_something", condition=Q(investment_amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Allocation(KeptTable):
    """Money set aside for a project; what is released is a negative row."""

    raising = models.ForeignKey(
        Raising, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("money")
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("project")
    )
    amount = money(pgettext_lazy("money", "amount"))
    allocated_on = models.DateField(_("allocated on"))
    tag = models.CharField(_("green or transition"), max_length=10, choices=Tag)
    evidence = models.CharField(_("evidence"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("allocation of proceeds")
        verbose_name_plural = _("allocations of proceeds")
        ordering = ["-allocated_on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.CheckConstraint(name="allocation_not_nothing", condition=~Q(amount=0)),
        ]
        triggers = [
            *KeptTable.Meta.triggers,
            before_insert("allocation_within_the_money", ALLOCATED),
        ]

    def __str__(self) -> str:
        return f"{self.raising} → {self.project}"


class Spending(KeptTable):
    """Money that was paid for a project, with what proves it; taken back by a negative row."""

    raising = models.ForeignKey(
        Raising, on_delete=models.PROTECT, related_name="spendings", verbose_name=_("money")
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="spendings", verbose_name=_("project")
    )
    amount = money(pgettext_lazy("money", "amount"))
    spent_on = models.DateField(_("spent on"))
    payee = models.CharField(_("payee"), max_length=200)
    evidence = models.CharField(_("evidence"), max_length=300)
    text = models.CharField(_("note"), max_length=300, blank=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, verbose_name=_("takes back")
    )
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = pgettext_lazy("proceeds", "spending")
        verbose_name_plural = pgettext_lazy("proceeds", "spendings")
        ordering = ["-spent_on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.CheckConstraint(name="spending_has_evidence", condition=~Q(evidence="")),
            models.CheckConstraint(
                name="spending_negative_only_to_take_back",
                condition=Q(reverses__isnull=True, amount__gt=0)
                | Q(reverses__isnull=False, amount__lt=0),
            ),
        ]
        triggers = [
            *KeptTable.Meta.triggers,
            before_insert("spending_within_the_allocation", SPENT),
        ]

    def __str__(self) -> str:
        return f"{day(self.spent_on)} {number_format(self.amount, 2)}"


class Impact(KeptTable):
    """What a project did in a period; of one period the newest version counts."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="impacts", verbose_name=_("project")
    )
    period_start = models.DateField(_("from"))
    period_end = models.DateField(_("until before"))
    version = models.PositiveIntegerField(_("version"))
    reduced_tco2e = measured(_("reduced, tCO2e"))
    saved_tce = measured(_("saved, tce"))
    method = models.CharField(pgettext_lazy("of an effect", "method"), max_length=200)
    verified_by = models.CharField(_("verified by"), max_length=200, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300)

    class Meta(KeptTable.Meta):
        verbose_name = _("impact")
        verbose_name_plural = _("impacts")
        ordering = ["-period_start", "-version"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "period_start", "period_end", "version"],
                name="impact_version_once",
            ),
            models.CheckConstraint(
                name="impact_period_not_empty", condition=Q(period_end__gt=F("period_start"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {day(self.period_start)}"


class Subsidy(KeptTable):
    """Interest of a green loan paid out of public money (贷款贴息), and how it is reckoned."""

    raising = models.ForeignKey(
        Raising, on_delete=models.PROTECT, related_name="subsidies", verbose_name=_("money")
    )
    beneficiary_id = models.UUIDField(_("beneficiary"))
    loan = models.CharField(_("loan"), max_length=120)
    principal = money(_("principal"))
    subsidy_bps = models.PositiveIntegerField(_("subsidised, basis points a year"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until before"))
    basis_days = models.PositiveSmallIntegerField(_("days of a year"))
    amount = money(pgettext_lazy("money", "amount"))
    evidence = models.CharField(_("evidence"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("interest subsidy")
        verbose_name_plural = _("interest subsidies")
        ordering = ["-starts_on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            ExclusionConstraint(
                name="subsidy_no_day_twice",
                expressions=[
                    ("loan", RangeOperators.EQUAL),
                    ("beneficiary_id", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_on",
                            "ends_on",
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                name="subsidy_of_a_period",
                condition=Q(ends_on__gt=F("starts_on"), amount__gt=0, basis_days__in=[360, 365]),
            ),
        ]
        triggers = [
            *KeptTable.Meta.triggers,
            before_insert("subsidy_within_the_money", SUBSIDISED),
        ]

    def __str__(self) -> str:
        return f"{self.loan} · {day(self.starts_on)}"


class Rating(KeptTable):
    """What an exchange or an agency thinks of a firm's carbon credit: given by it, kept by us."""

    party_id = models.UUIDField(_("rated party"), db_index=True)
    agency = models.CharField(_("given by"), max_length=200)
    scale = models.CharField(_("rating"), max_length=120)
    grade = models.CharField(_("grade"), max_length=40)
    document = models.CharField(_("document"), max_length=120)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until before"), null=True)
    evidence = models.CharField(_("evidence"), max_length=300)

    class Meta(KeptTable.Meta):
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["-valid_from", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.CheckConstraint(
                name="rating_valid_for_a_time",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} · {self.grade}"
