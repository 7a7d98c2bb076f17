from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FactorsConfig(AppConfig):
    name = "reporting.factors"
    label = "reporting_factors"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Factors")
