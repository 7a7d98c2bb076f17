from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PledgesConfig(AppConfig):
    name = "finance.pledges"
    label = "finance_pledges"
    verbose_name = _("Pledges")
    default_auto_field = "django.db.models.BigAutoField"
