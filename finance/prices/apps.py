from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class PricesConfig(AppConfig):
    name = "finance.prices"
    label = "finance_prices"
    verbose_name = pgettext_lazy("room", "Prices")
    default_auto_field = "django.db.models.BigAutoField"
