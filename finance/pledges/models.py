"""Pledges, their parts and registrations, what was asked and decided, what they were worth."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.pledges.states import (
    CALLS,
    PARTS,
    REQUESTS,
    TRANSITIONS,
    CallState,
    Court,
    Level,
    PartState,
    PledgeState,
    Reference,
    Register,
    RequestKind,
    RequestState,
)
from ledger.doors.tables import KeptTable, StatefulTable
from ledger.doors.wording import day
from ledger.kernel.ids import new_id
from ledger.kernel.transitions import Transitions


def money(label: Any, **more: Any) -> Any:
    return models.DecimalField(label, max_digits=20, decimal_places=2, **more)


def share(label: Any, **more: Any) -> Any:
    return models.DecimalField(label, max_digits=12, decimal_places=6, **more)


def moves(name: str, table: Transitions) -> pgtrigger.FSM:
    found = sorted((str(old), str(new)) for old, after in table.items() for new in after)
    return pgtrigger.FSM(name=name, field="state", transitions=found)


class _Recorded(StatefulTable):
    """Written once by somebody under a key; then only what its own acts change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(StatefulTable.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["idempotency_key"], name="%(app_label)s_%(class)s_key_once"
            )
        ]


class Pledge(_Recorded):
    """Security over units for one facility."""

    number = models.CharField(_("number"), max_length=40)
    facility = models.ForeignKey(
        "finance_facilities.Facility",
        on_delete=models.PROTECT,
        related_name="pledges",
        verbose_name=_("facility"),
    )
    debtor_id = models.UUIDField(_("pledged by"), db_index=True)
    creditor_id = models.UUIDField(_("creditor"), db_index=True)
    state = models.CharField(
        _("state"), max_length=10, choices=PledgeState, default=PledgeState.DRAFT
    )
    rank = models.PositiveSmallIntegerField(_("rank"), default=1)
    behind = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="after",
        verbose_name=_("stands behind"),
    )  # fmt: skip
    consent_number = models.CharField(_("consent of the first creditor"), max_length=60, blank=True)
    loan_share = share(_("pledge rate"))
    reference = models.CharField(_("reference price"), max_length=7, choices=Reference)
    has_haircut = models.BooleanField(_("values by haircut of the vintage"), default=False)
    with_interest = models.BooleanField(_("interest counts as owed"), default=False)
    target_ltv = share(_("target LTV"))
    warning_ltv = share(_("warning line"))
    top_up_ltv = share(_("top-up line"))
    close_out_ltv = share(_("close-out line"))
    cure_days = models.PositiveSmallIntegerField(_("working days to top up"), default=3)
    ends_on = models.DateField(_("ends on"), null=True)
    evidence = models.CharField(_("pledge contract"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)
    approved_on = models.DateField(_("approved on"), null=True)
    ended_on = models.DateField(_("ended on"), null=True)
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True)

    class Meta(_Recorded.Meta):
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ["-id"]
        constraints = [
            *_Recorded.Meta.constraints,
            models.UniqueConstraint(fields=["creditor_id", "number"], name="pledge_number_once"),
            models.CheckConstraint(
                name="pledge_lines_rise",
                condition=Q(
                    target_ltv__gt=0,
                    warning_ltv__gt=F("target_ltv"),
                    top_up_ltv__gt=F("warning_ltv"),
                    close_out_ltv__gt=F("top_up_ltv"),
                ),
            ),
            models.CheckConstraint(
                name="pledge_second_rank_by_consent",
                condition=Q(behind__isnull=True, rank=1)
                | (Q(behind__isnull=False, rank__gt=1) & ~Q(consent_number="")),
            ),
            models.CheckConstraint(
                name="pledge_ended_with_a_day",
                condition=Q(state__in=["RELEASED", "ENFORCED", "LAPSED"], ended_on__isnull=False)
                | (~Q(state__in=["RELEASED", "ENFORCED", "LAPSED"]) & Q(ended_on__isnull=True)),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            moves("pledge_moves_by_the_table", TRANSITIONS),
            pgtrigger.ReadOnly(
                name="pledge_terms_never_change",
                exclude=["state", "approval_id", "approved_on", "ended_on", "end_reason"],
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Part(_Recorded):
    """Units of one lot in one account that a pledge secures by a hold."""

    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, related_name="parts", verbose_name=_("pledge")
    )
    state = models.CharField(
        _("state"), max_length=8, choices=PartState, default=PartState.RESERVED
    )
    account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, verbose_name=_("account")
    )
    lot = models.ForeignKey("ledger_units.Lot", on_delete=models.PROTECT, verbose_name=_("lot"))
    scheme = models.CharField(_("instrument"), max_length=20)
    vintage_year = models.PositiveSmallIntegerField(_("vintage"))
    placed_count = models.BigIntegerField(_("units placed"))
    unit_count = models.BigIntegerField(_("units"))
    hold_id = models.UUIDField(_("hold"), null=True)

    class Meta(_Recorded.Meta):
        verbose_name = _("part of a pledge")
        verbose_name_plural = _("parts of pledges")
        ordering = ["id"]
        constraints = [
            *_Recorded.Meta.constraints,
            models.CheckConstraint(
                name="pledge_part_counts",
                condition=Q(placed_count__gt=0, unit_count__gte=0)
                & Q(unit_count__lte=F("placed_count"))
                & (Q(state="GONE", unit_count=0) | (~Q(state="GONE") & Q(unit_count__gt=0))),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            moves("pledge_part_moves_by_the_table", PARTS),
            pgtrigger.ReadOnly(
                name="pledge_part_facts_never_change", exclude=["state", "unit_count", "hold_id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.vintage_year}"


class Registration(KeptTable):
    """An entry of a register, or its renewal; the newest of a register counts."""

    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("pledge")
    )
    register = models.CharField(_("register"), max_length=8, choices=Register)
    number = models.CharField(_("number"), max_length=80)
    registered_on = models.DateField(_("registered on"))
    expires_on = models.DateField(_("expires on"), null=True)
    document = models.CharField(_("document"), max_length=300)

    class Meta(KeptTable.Meta):
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["-registered_on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.CheckConstraint(
                name="pledge_registration_whole",
                condition=~Q(number="")
                & ~Q(document="")
                & (Q(expires_on__isnull=True) | Q(expires_on__gt=F("registered_on")))
                & (~Q(register="ZDW") | Q(expires_on__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_register_display()} {self.number}"


class Request(_Recorded):
    """Something asked of a creditor, and what she decided through her own login."""

    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, related_name="requests", verbose_name=_("pledge")
    )
    number = models.CharField(_("number"), max_length=60)
    kind = models.CharField(_("what is asked"), max_length=12, choices=RequestKind)
    state = models.CharField(
        _("state"), max_length=9, choices=RequestState, default=RequestState.WAITING
    )
    part = models.ForeignKey(
        Part, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("units to go")
    )
    unit_count = models.BigIntegerField(_("units"), null=True)
    new_part = models.ForeignKey(
        Part, on_delete=models.PROTECT, null=True, related_name="+",
        verbose_name=_("units to come"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=300)
    asked_person = models.UUIDField(_("asked by person"))
    repayment = models.CharField(_("proof of repayment"), max_length=300, blank=True)
    cancellation = models.CharField(_("cancelled registration"), max_length=300, blank=True)
    unfreezing = models.CharField(_("lifted freeze"), max_length=300, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.UUIDField(_("decided by"), null=True)

    class Meta(_Recorded.Meta):
        verbose_name = _("request to a creditor")
        verbose_name_plural = _("requests to creditors")
        ordering = ["-id"]
        constraints = [
            *_Recorded.Meta.constraints,
            models.UniqueConstraint(fields=["pledge", "number"], name="pledge_request_number_once"),
            models.CheckConstraint(
                name="pledge_request_decided_by_somebody",
                condition=Q(state="WAITING", decided_by__isnull=True, decided_at__isnull=True)
                | (
                    ~Q(state="WAITING")
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("recorded_by"), state="CONSENTED")
                ),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            moves("pledge_request_moves_by_the_table", REQUESTS),
            pgtrigger.ReadOnly(
                name="pledge_request_facts_never_change",
                exclude=[
                    "state", "answer", "decided_at", "decided_by", "repayment", "cancellation",
                    "unfreezing",
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number


class Proceeding(KeptTable):
    """A court's proceedings over the debtor's insolvency, as notified."""

    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, related_name="proceedings", verbose_name=_("pledge")
    )
    kind = models.CharField(_("kind"), max_length=14, choices=Court)
    number = models.CharField(_("case number"), max_length=120)
    opened_on = models.DateField(_("opened on"))
    document = models.CharField(_("document"), max_length=300)

    class Meta(KeptTable.Meta):
        verbose_name = _("insolvency proceedings")
        verbose_name_plural = _("insolvency proceedings")
        ordering = ["-opened_on", "-id"]

    def __str__(self) -> str:
        return self.number


class Valuation(KeptTable):
    """What a pledge was worth at the end of a day against what was owed, and by which marks."""

    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, related_name="valuations", verbose_name=_("pledge")
    )
    valued_on = models.DateField(_("valued on"))
    owed_amount = money(pgettext_lazy("of a debt", "owed"))
    value_amount = money(pgettext_lazy("of holdings", "value"))
    market_amount = money(_("market value"))
    ltv = share(_("LTV"), null=True)
    level = models.CharField(_("line reached"), max_length=9, choices=Level)
    is_stale = models.BooleanField(_("by an old price"))
    top_up_count = models.BigIntegerField(_("units to top up"))
    headroom_count = models.BigIntegerField(_("units that could be released"))
    marks = models.JSONField(_("prices used"), default=list)
    alerts = models.JSONField(_("alerts"), default=list)

    class Meta(KeptTable.Meta):
        verbose_name = _("valuation of a pledge")
        verbose_name_plural = _("valuations of pledges")
        ordering = ["-valued_on", "-id"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["pledge", "valued_on"], name="pledge_valued_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return day(self.valued_on)


class MarginCall(_Recorded):
    """The debtor is asked to add units, until a day."""

    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, related_name="calls", verbose_name=_("pledge")
    )
    state = models.CharField(_("state"), max_length=5, choices=CallState, default=CallState.OPEN)
    called_on = models.DateField(_("called on"))
    due_on = models.DateField(_("due on"))
    ltv = share(_("LTV"), null=True)
    unit_count = models.BigIntegerField(_("units to top up"))
    settled_on = models.DateField(_("settled on"), null=True)

    class Meta(_Recorded.Meta):
        verbose_name = _("margin call")
        verbose_name_plural = _("margin calls")
        ordering = ["-called_on", "-id"]
        constraints = [
            *_Recorded.Meta.constraints,
            models.UniqueConstraint(
                fields=["pledge"], name="pledge_one_open_call", condition=Q(state="OPEN")
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            moves("pledge_call_moves_by_the_table", CALLS),
            pgtrigger.ReadOnly(
                name="pledge_call_facts_never_change", exclude=["state", "settled_on"]
            ),
        ]

    def __str__(self) -> str:
        return day(self.called_on)


class Enforcement(KeptTable):
    """Collateral that was sold, and who was paid from it."""

    pledge = models.OneToOneField(
        Pledge, on_delete=models.PROTECT, related_name="enforcement", verbose_name=_("pledge")
    )
    to_account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, verbose_name=_("receiving account")
    )
    sold_on = models.DateField(_("sold on"))
    proceeds_amount = money(_("proceeds"))
    costs_amount = money(_("costs"))
    paid = models.JSONField(_("who was paid"), default=list)
    order_number = models.CharField(_("court's leave"), max_length=120, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("enforcement")
        verbose_name_plural = _("enforcements")

    def __str__(self) -> str:
        return day(self.sold_on)
