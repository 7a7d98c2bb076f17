from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.doors.tables import StatefulTable
from ledger.doors.wording import in_language
from ledger.kernel.actors import Role
from ledger.kernel.ids import new_id


class RoleName(models.TextChoices):
    """The roles as people read them."""

    CARBON_MANAGER = Role.CARBON_MANAGER.value, _("Carbon asset manager")
    APPROVER = Role.APPROVER.value, _("Approver")
    DATA_OFFICER = Role.DATA_OFFICER.value, _("Park data officer")
    VERIFIER = Role.VERIFIER.value, _("Verifier (person)")
    BANK_OFFICER = Role.BANK_OFFICER.value, _("Bank officer")
    FUND_MANAGER = Role.FUND_MANAGER.value, _("Fund manager")
    AUDITOR = Role.AUDITOR.value, _("Auditor")
    ADMINISTRATOR = Role.ADMINISTRATOR.value, _("System administrator")


class Party(StatefulTable):
    """A legal person."""

    class Kind(models.TextChoices):
        PARK_OPERATOR = "PARK_OPERATOR", _("Park operator")
        COMPANY = "COMPANY", _("Company")
        BANK = "BANK", _("Bank")
        VERIFIER = "VERIFIER", _("Verification body")
        FUND = "FUND", _("Fund")
        REGISTRY = "REGISTRY", _("Registry")
        COUNTERPARTY = "COUNTERPARTY", _("Outside counterparty")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    region = models.CharField(_("region code"), max_length=6, blank=True)  # GB/T 2260

    class Meta(StatefulTable.Meta):
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints = [
            models.UniqueConstraint(
                name="party_code_names_one_party", fields=["uscc"], condition=~Q(uscc="")
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class UserManager(BaseUserManager["User"]):
    pass


class User(AbstractBaseUser, StatefulTable):
    """A login of one natural person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Two logins of one human being share it: maker and checker are compared by this (I34).
    person_id = models.UUIDField(_("natural person"), default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    left_at = models.DateTimeField(_("left at"), null=True, editable=False)
    left_by = models.UUIDField(null=True, editable=False)
    # Counted up to end every session at once: it is part of what a session is signed with.
    session_round = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta(StatefulTable.Meta):
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                name="user_leaving_has_its_author",
                condition=Q(left_at=None, left_by=None)
                | Q(left_at__isnull=False, left_by__isnull=False, is_active=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The theme's menu asks for it."""
        return str(self.name)

    # Django's admin asks these. Roles decide, not Django's permissions: see doors/permissions.py.

    @property
    def is_staff(self) -> bool:
        return self.is_active

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        whole: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        return f"{whole}:{self.session_round}"


class DateRange(Func):
    """The days of a membership, end exclusive."""

    function = "daterange"


class Membership(StatefulTable):
    """A role that a user holds for a party, from a day until before another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.PROTECT, related_name="memberships"
    )
    party = models.ForeignKey(
        Party, verbose_name=_("party"), on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=20, choices=RoleName)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until before"), null=True)
    # The membership that a deputy stands in for.
    deputy_for = models.ForeignKey(
        "self",
        verbose_name=_("deputy for"),
        null=True,
        on_delete=models.PROTECT,
        related_name="deputies",
    )

    class Meta(StatefulTable.Meta):
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="deputy_stands_in_for_a_while",
                condition=Q(deputy_for=None) | Q(valid_to__isnull=False),
            ),
            ExclusionConstraint(
                name="deputy_stands_in_once_at_a_time",
                expressions=[
                    (F("user"), RangeOperators.EQUAL),
                    (F("deputy_for"), RangeOperators.EQUAL),
                    (DateRange(F("valid_from"), F("valid_to")), RangeOperators.OVERLAPS),
                ],
                condition=Q(deputy_for__isnull=False),
            ),
            ExclusionConstraint(
                name="role_held_once_at_a_time",
                expressions=[
                    (F("user"), RangeOperators.EQUAL),
                    (F("party"), RangeOperators.EQUAL),
                    (F("role"), RangeOperators.EQUAL),
                    (DateRange(F("valid_from"), F("valid_to")), RangeOperators.OVERLAPS),
                ],
                condition=Q(deputy_for=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.party}"


class UserSession(StatefulTable):
    """One sign-in of a user, so that she can see and end it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sessions")
    session_key = models.CharField(max_length=40, editable=False)
    device = models.CharField(_("device"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.UUIDField(null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(
                name="session_end_has_its_author",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["user", "started_at"], name="session_by_user")]


class ApiClient(StatefulTable):
    """A machine of a party. Its secret is shown once and kept only as a hash."""

    id = models.UUIDField(_("client id"), primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(
        Party, verbose_name=_("party"), on_delete=models.PROTECT, related_name="api_clients"
    )
    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(_("role"), max_length=20, choices=RoleName)
    scopes = ArrayField(models.CharField(max_length=20), verbose_name=_("scopes"))
    expires_at = models.DateTimeField(_("expires at"))
    secret_hash = models.BinaryField(editable=False)
    # After a rotation the old secret still works until then, so that nobody must hurry.
    old_secret_hash = models.BinaryField(null=True, editable=False)
    old_secret_until_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.UUIDField(_("created by"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    revoked_by = models.UUIDField(null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        constraints = [
            models.CheckConstraint(
                name="api_client_revocation_has_its_author",
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccessToken(StatefulTable):
    """A machine's pass for some minutes, given for its secret (RFC 6749, 4.4); only its hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(
        ApiClient, verbose_name=_("API client"), on_delete=models.PROTECT, related_name="tokens"
    )
    token_hash = models.BinaryField(unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=20), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    revoked_by = models.UUIDField(null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        constraints = [
            models.CheckConstraint(
                name="access_token_revocation_has_its_author",
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
            models.CheckConstraint(
                name="access_token_ends_after_it_begins",
                condition=Q(expires_at__gt=F("created_at")),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(
                name="access_token_only_revoked", exclude=["revoked_at", "revoked_by"]
            ),
        ]
