"""Agreements, their dated terms, and what was shared out. Parts always make the whole."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.sharing.states import AgreementKind, ParticipantRole
from ledger.doors.tables import KeptTable, StatefulTable
from ledger.doors.wording import day, in_language, number_format
from ledger.kernel.ids import new_id

# When all is written: the parts of a settlement make what it shares out.
PARTS_MAKE_THE_WHOLE = """
IF (SELECT coalesce(sum(p.amount), 0) FROM finance_sharing_part p
    WHERE p.settlement_id = {settlement})
 <> (SELECT s.distributable FROM finance_sharing_settlement s WHERE s.id = {settlement})
THEN RAISE EXCEPTION 'the parts do not make the whole' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


def whole(settlement: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="parts_make_the_whole",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=PARTS_MAKE_THE_WHOLE.format(settlement=settlement),
    )


def money(label: Any, **more: Any) -> Any:
    return models.DecimalField(label, max_digits=20, decimal_places=2, **more)


def measured(label: Any, **more: Any) -> Any:
    return models.DecimalField(label, max_digits=20, decimal_places=6, **more)


class Agreement(StatefulTable):
    """Who keeps it, and what it shares. A row to lock by; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    code = models.CharField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=AgreementKind)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("until before"), null=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(StatefulTable.Meta):
        verbose_name = _("sharing agreement")
        verbose_name_plural = _("sharing agreements")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["party_id", "code"], name="agreement_code_once"),
            models.UniqueConstraint(
                fields=["idempotency_key"], name="finance_sharing_agreement_key_once"
            ),
            models.CheckConstraint(
                name="agreement_ends_later",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(name="agreement_never_changes"),
        ]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Terms(KeptTable):
    """By what is shared from a day on. `basis`: what counts as revenue, in words."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="terms", verbose_name=_("agreement")
    )
    valid_from = models.DateField(_("valid from"))
    basis = models.CharField(_("what is shared"), max_length=300)
    evidence = models.CharField(_("evidence"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("terms of sharing")
        verbose_name_plural = _("terms of sharing")
        ordering = ["agreement", "-valid_from"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["agreement", "valid_from"], name="sharing_terms_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {day(self.valid_from)}"


class Participant(KeptTable):
    """Somebody's weight in the terms, and what she brought in."""

    terms = models.ForeignKey(
        Terms, on_delete=models.PROTECT, related_name="participants", verbose_name=_("terms")
    )
    place = models.PositiveSmallIntegerField(_("place"))
    party_id = models.UUIDField(_("participant"), db_index=True)
    role = models.CharField(_("role"), max_length=10, choices=ParticipantRole)
    weight = models.PositiveIntegerField(_("weight"))
    contribution = models.CharField(_("contribution"), max_length=200, blank=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["terms", "place"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(fields=["terms", "party_id"], name="participant_once"),
            models.CheckConstraint(name="participant_has_weight", condition=Q(weight__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.weight}"


class Settlement(KeptTable):
    """What a period came to and is shared out; a correction is a further version of it."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="settlements", verbose_name=_("agreement")
    )
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, verbose_name=_("terms"))
    period_start = models.DateField(_("from"))
    period_end = models.DateField(_("until before"))
    version = models.PositiveIntegerField(_("version"))
    baseline_mwh = measured(_("baseline, MWh"), null=True)
    measured_mwh = measured(_("measured, MWh"), null=True)
    price_per_mwh = measured(_("price of a MWh"), null=True)
    revenue = money(_("revenue"))
    costs = money(_("costs"))
    distributable = money(_("to be shared out"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("settlement of an agreement")
        verbose_name_plural = _("settlements of agreements")
        ordering = ["-period_start", "-version"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["agreement", "period_start", "version"], name="settlement_version_once"
            ),
            models.CheckConstraint(
                name="settlement_shares_what_is_left",
                condition=Q(period_end__gt=F("period_start"), revenue__gte=0, costs__gte=0)
                & (
                    Q(revenue__gte=F("costs"), distributable=F("revenue") - F("costs"))
                    | Q(revenue__lt=F("costs"), distributable=0)
                ),
            ),
            models.CheckConstraint(
                name="settlement_measured_whole_or_not_at_all",
                condition=Q(
                    baseline_mwh__isnull=True, measured_mwh__isnull=True, price_per_mwh__isnull=True
                )
                | Q(
                    baseline_mwh__isnull=False,
                    measured_mwh__isnull=False,
                    price_per_mwh__isnull=False,
                ),
            ),
            ExclusionConstraint(
                name="settlement_no_day_twice",
                expressions=[
                    ("agreement", RangeOperators.EQUAL),
                    (
                        Func(
                            "period_start",
                            "period_end",
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(version=1),
            ),
        ]
        triggers = [*KeptTable.Meta.triggers, whole("NEW.id")]

    def __str__(self) -> str:
        return f"{self.agreement} · {day(self.period_start)}"


class Part(KeptTable):
    """One participant's part of a settlement."""

    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, related_name="parts", verbose_name=_("settlement")
    )
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, verbose_name=_("participant")
    )
    # whose it is, so that lists and rights need no look at the terms
    party_id = models.UUIDField(_("participant"), db_index=True)
    amount = money(pgettext_lazy("money", "amount"))

    class Meta(KeptTable.Meta):
        verbose_name = pgettext_lazy("sharing", "part")
        verbose_name_plural = pgettext_lazy("sharing", "parts")
        ordering = ["-recorded_at", "id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["settlement", "participant"], name="part_once_a_participant"
            ),
            models.CheckConstraint(name="part_not_negative", condition=Q(amount__gte=0)),
        ]
        triggers = [*KeptTable.Meta.triggers, whole("NEW.settlement_id")]

    def __str__(self) -> str:
        return f"{self.settlement} · {number_format(self.amount, 2)}"
