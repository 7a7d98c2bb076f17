"""Agreements by which units are with somebody else and must come back; the ledger moves them."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from finance.repos.states import TRANSITIONS, AgreementKind, AgreementState, HandoverKind
from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.kernel.ids import new_id

MOVES = sorted((str(old), str(new)) for old, after in TRANSITIONS.items() for new in after)
LIFE = ["state", "returned_count", "hold_id", "reason", "moved_at", "moved_by"]


class Agreement(StatefulTable):
    """Who gives which units to whom, until when and for what; its terms never change.

    The giver stays the beneficial owner of a repo and a custody, and has a claim to units lent; the
    taker is the legal holder. `usable_for_year`: what is returned must serve this obligation year.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("contract number"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=AgreementKind)
    state = models.CharField(_("state"), max_length=9, choices=AgreementState)
    giver_id = models.UUIDField(_("giver (beneficial owner)"))
    taker_id = models.UUIDField(_("taker (legal holder)"))
    from_account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, related_name="+",
        verbose_name=_("account of the giver"),
    )  # fmt: skip
    to_account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, related_name="+",
        verbose_name=_("account of the taker"),
    )  # fmt: skip
    lot = models.ForeignKey(
        "ledger_units.Lot", on_delete=models.PROTECT, related_name="+", verbose_name=_("lot")
    )
    scheme = models.CharField(_("instrument"), max_length=30)
    vintage_year = models.PositiveSmallIntegerField(_("vintage"))
    unit_count = models.BigIntegerField(_("units"))
    returned_count = models.BigIntegerField(_("units returned"), default=0)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    currency = models.CharField(_("currency"), max_length=3)
    day_count = models.CharField(_("day count"), max_length=20)
    first_price = models.DecimalField(
        _("price of the sale"), max_digits=18, decimal_places=6, null=True
    )
    second_price = models.DecimalField(
        _("price of the buy-back"), max_digits=18, decimal_places=6, null=True
    )
    fee = models.DecimalField(_("fee"), max_digits=18, decimal_places=2, null=True)
    deposit = models.DecimalField(_("deposit"), max_digits=18, decimal_places=2, null=True)
    manager_share = models.DecimalField(
        _("manager's share of a gain"), max_digits=7, decimal_places=6, null=True
    )
    loss_floor = models.DecimalField(
        _("loss that the owner bears at most"), max_digits=18, decimal_places=2, null=True
    )
    usable_for_year = models.PositiveSmallIntegerField(
        _("returned units must serve the year"), null=True
    )
    may_reuse = models.BooleanField(_("the taker may use the units"))
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    hold_id = models.UUIDField(_("hold"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    agreed_at = models.DateTimeField(_("agreed at"))
    agreed_by = models.UUIDField(_("agreed by"))
    moved_at = models.DateTimeField(_("last moved at"))
    moved_by = models.UUIDField(_("last moved by"))
    idempotency_key = models.CharField(max_length=250)
    request_digest = models.CharField(max_length=64)

    class Meta(StatefulTable.Meta):
        verbose_name = _("agreement on units")
        verbose_name_plural = _("agreements on units")
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="agreement_key_once"),
            models.UniqueConstraint(
                fields=["giver_id", "taker_id", "number"], name="agreement_number_once"
            ),
            models.CheckConstraint(name="agreement_units_positive", condition=Q(unit_count__gt=0)),
            models.CheckConstraint(
                name="agreement_returns_no_more_than_given",
                condition=Q(returned_count__gte=0, returned_count__lte=F("unit_count")),
            ),
            models.CheckConstraint(
                name="agreement_settled_when_all_is_back",
                condition=~Q(state=AgreementState.CLOSED) | Q(returned_count=F("unit_count")),
            ),
            models.CheckConstraint(
                name="agreement_ends_after_it_starts", condition=Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="agreement_between_two_parties", condition=~Q(giver_id=F("taker_id"))
            ),
            models.CheckConstraint(
                name="repo_has_two_prices",
                condition=~Q(kind=AgreementKind.REPO) | Q(first_price__gt=0, second_price__gt=0),
            ),
            models.CheckConstraint(
                name="agreement_share_within_one",
                condition=Q(manager_share__isnull=True)
                | Q(manager_share__gte=0, manager_share__lte=1),
            ),
        ]
        indexes = [
            models.Index(fields=["giver_id", "state"], name="agreement_by_giver"),
            models.Index(fields=["taker_id", "state"], name="agreement_by_taker"),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(name="agreement_moves_by_the_table", field="state", transitions=MOVES),
            pgtrigger.ReadOnly(name="agreement_terms_never_change", exclude=LIFE),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.get_kind_display()}"

    @property
    def outstanding_count(self) -> int:
        return self.unit_count - self.returned_count


class Handover(AppendOnlyTable):
    """Units that went over, or came back, by an entry of the ledger."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="handovers", verbose_name=_("agreement")
    )
    kind = models.CharField(_("kind"), max_length=6, choices=HandoverKind)
    lot = models.ForeignKey(
        "ledger_units.Lot", on_delete=models.PROTECT, related_name="+", verbose_name=_("lot")
    )
    unit_count = models.BigIntegerField(_("units"))
    entry_id = models.UUIDField(_("entry"))
    amount = models.DecimalField(_("money against it"), max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3)
    happened_on = models.DateField(_("happened on"))
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    approval_id = models.UUIDField(_("approval"), null=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)
    request_digest = models.CharField(max_length=64)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("handover of units")
        verbose_name_plural = _("handovers of units")
        ordering = ["-happened_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="handover_key_once"),
            models.UniqueConstraint(
                fields=["agreement"], name="handover_starts_once", condition=Q(kind="START")
            ),
            models.CheckConstraint(name="handover_units_positive", condition=Q(unit_count__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.unit_count}"
