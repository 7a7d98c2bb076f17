from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartiesConfig(AppConfig):
    name = "ledger.parties"
    label = "ledger_parties"
    verbose_name = _("Parties and people")
    default_auto_field = "django.db.models.BigAutoField"
