from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TradesConfig(AppConfig):
    name = "finance.trades"
    label = "finance_trades"
    verbose_name = _("Trades and cost")
    default_auto_field = "django.db.models.BigAutoField"
