from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParksConfig(AppConfig):
    name = "reporting.parks"
    label = "reporting_parks"
    verbose_name = _("Parks")
    default_auto_field = "django.db.models.BigAutoField"
