from django.apps import AppConfig


class InventoriesConfig(AppConfig):
    name = "reporting.inventories"
    label = "reporting_inventories"
    default_auto_field = "django.db.models.BigAutoField"
