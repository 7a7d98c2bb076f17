from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoriesConfig(AppConfig):
    name = "reporting.inventories"
    label = "reporting_inventories"
    verbose_name = _("Inventories")
    default_auto_field = "django.db.models.BigAutoField"
