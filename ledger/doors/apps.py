from django.apps import AppConfig


class DoorsConfig(AppConfig):
    name = "ledger.doors"
    label = "ledger_doors"
    default_auto_field = "django.db.models.BigAutoField"
