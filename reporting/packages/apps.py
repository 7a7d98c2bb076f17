from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PackagesConfig(AppConfig):
    name = "reporting.packages"
    label = "reporting_packages"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"
