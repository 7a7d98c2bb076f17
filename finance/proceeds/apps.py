from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProceedsConfig(AppConfig):
    name = "finance.proceeds"
    label = "finance_proceeds"
    verbose_name = _("Use of proceeds")
    default_auto_field = "django.db.models.BigAutoField"
