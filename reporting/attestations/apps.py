from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttestationsConfig(AppConfig):
    name = "reporting.attestations"
    label = "reporting_attestations"
    verbose_name = _("Attestations")
    default_auto_field = "django.db.models.BigAutoField"
