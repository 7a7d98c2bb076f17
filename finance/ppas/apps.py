from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PpasConfig(AppConfig):
    name = "finance.ppas"
    label = "finance_ppas"
    verbose_name = _("Green power contracts")
    default_auto_field = "django.db.models.BigAutoField"
