from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SharingConfig(AppConfig):
    name = "finance.sharing"
    label = "finance_sharing"
    verbose_name = _("Revenue sharing")
    default_auto_field = "django.db.models.BigAutoField"
