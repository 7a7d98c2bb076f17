from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "reporting.indicators"
    label = "reporting_indicators"
    verbose_name = _("Park indicators")
    default_auto_field = "django.db.models.BigAutoField"
