from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    name = "ledger.instruments"
    label = "ledger_instruments"
    default_auto_field = "django.db.models.BigAutoField"
