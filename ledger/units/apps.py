from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "ledger.units"
    label = "ledger_units"
    default_auto_field = "django.db.models.BigAutoField"
