from django.apps import AppConfig


class HoldsConfig(AppConfig):
    name = "ledger.holds"
    label = "ledger_holds"
    default_auto_field = "django.db.models.BigAutoField"
