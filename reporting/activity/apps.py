from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivityConfig(AppConfig):
    name = "reporting.activity"
    label = "reporting_activity"
    verbose_name = _("Activity data")
    default_auto_field = "django.db.models.BigAutoField"
