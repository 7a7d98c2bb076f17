from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TargetsConfig(AppConfig):
    name = "reporting.targets"
    label = "reporting_targets"
    verbose_name = _("Reduction targets")
    default_auto_field = "django.db.models.BigAutoField"
