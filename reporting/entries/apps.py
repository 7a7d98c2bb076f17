from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EntriesConfig(AppConfig):
    name = "reporting.entries"
    label = "reporting_entries"
    verbose_name = _("Calculated activity")
    default_auto_field = "django.db.models.BigAutoField"
