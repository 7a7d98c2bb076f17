from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadingsConfig(AppConfig):
    name = "reporting.readings"
    label = "reporting_readings"
    verbose_name = _("Meter readings")
    default_auto_field = "django.db.models.BigAutoField"
