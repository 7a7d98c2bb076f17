from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParametersConfig(AppConfig):
    name = "ledger.parameters"
    label = "ledger_parameters"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Rule numbers")
