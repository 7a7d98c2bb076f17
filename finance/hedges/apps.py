from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HedgesConfig(AppConfig):
    name = "finance.hedges"
    label = "finance_hedges"
    verbose_name = _("Hedges")
    default_auto_field = "django.db.models.BigAutoField"
