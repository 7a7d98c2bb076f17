from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "ledger.parties"
    label = "ledger_parties"
    default_auto_field = "django.db.models.BigAutoField"
