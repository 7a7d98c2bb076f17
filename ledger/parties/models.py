from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from ledger.doors.tables import StatefulTable
from ledger.kernel.actors import Role
from ledger.kernel.ids import new_id


class Party(StatefulTable):
    """A legal person."""

    class Kind(models.TextChoices):
        PARK_OPERATOR = "PARK_OPERATOR"
        COMPANY = "COMPANY"
        BANK = "BANK"
        VERIFIER = "VERIFIER"
        FUND = "FUND"
        REGISTRY = "REGISTRY"
        COUNTERPARTY = "COUNTERPARTY"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    uscc = models.CharField(max_length=18, blank=True)  # unified social credit code


class UserManager(BaseUserManager["User"]):
    pass


class User(AbstractBaseUser, StatefulTable):
    """A login of one natural person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, default="zh-hans")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = UserManager()


class Membership(StatefulTable):
    """A role that a user holds for a party, from a day until before another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(r, r) for r in Role])
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
