from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacilitiesConfig(AppConfig):
    name = "finance.facilities"
    label = "finance_facilities"
    verbose_name = _("Loan facilities")
    default_auto_field = "django.db.models.BigAutoField"
