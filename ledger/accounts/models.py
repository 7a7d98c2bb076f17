import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.accounts.rules import AccountType
from ledger.accounts.states import AccountState
from ledger.doors.tables import StatefulTable
from ledger.kernel.ids import new_id

TYPES = [
    (AccountType.HOLDING.value, _("holding account")),
    (AccountType.TRADING.value, _("trading account")),
    (AccountType.PROJECT.value, _("project account")),
    (AccountType.GENERATOR.value, _("generator's account")),
    (AccountType.ISSUER.value, _("issuer's account")),
    (AccountType.SURRENDER.value, _("surrender account")),
    (AccountType.RETIREMENT.value, _("retirement account")),
    (AccountType.CANCELLATION.value, _("cancellation account")),
    (AccountType.EXPIRY.value, _("expiry account")),
    (AccountType.OUTSIDE.value, _("outside account")),
]


class Account(StatefulTable):
    """The place of a party in a registry."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    holder_id = models.UUIDField(_("holder"), db_index=True)
    type = models.CharField(_("type"), max_length=12, choices=TYPES)
    registry = models.ForeignKey(
        "ledger_instruments.Registry", on_delete=models.PROTECT, verbose_name=_("registry")
    )
    number = models.CharField(_("account number"), max_length=60)
    name = models.CharField(_("name"), max_length=120, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=AccountState, default=AccountState.OPEN
    )
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.UUIDField(_("opened by"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.UUIDField(_("closed by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(fields=["registry", "number"], name="account_number_once"),
            models.CheckConstraint(
                name="account_state_known", condition=Q(state__in=AccountState.values)
            ),
            models.CheckConstraint(
                name="account_closed_with_moment_and_person",
                condition=Q(
                    state=AccountState.CLOSED, closed_at__isnull=False, closed_by__isnull=False
                )
                | (
                    ~Q(state=AccountState.CLOSED)
                    & Q(closed_at__isnull=True, closed_by__isnull=True)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class TrustedAccount(StatefulTable):
    """A counterparty's account that a party may deliver to at once, from a day on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, verbose_name=_("account"))
    trusted_from = models.DateField(_("trusted from"))
    reason = models.CharField(_("reason"), max_length=500)
    approval_id = models.UUIDField(_("approval"), null=True)
    added_at = models.DateTimeField(_("added at"))
    added_by = models.UUIDField(_("added by"))
    removed_at = models.DateTimeField(_("removed at"), null=True)
    removed_by = models.UUIDField(_("removed by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("trusted account")
        verbose_name_plural = _("trusted accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["party_id", "account"],
                name="trustedaccount_listed_once",
                condition=Q(removed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="trustedaccount_removed_by_somebody",
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(
                name="trusted_facts_never_change", exclude=["removed_at", "removed_by"]
            ),
        ]

    def __str__(self) -> str:
        return str(self.account)
