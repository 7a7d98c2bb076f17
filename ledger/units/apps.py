from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnitsConfig(AppConfig):
    name = "ledger.units"
    label = "ledger_units"
    verbose_name = _("Unit ledger")
    default_auto_field = "django.db.models.BigAutoField"
