from django.apps import AppConfig


class ParametersConfig(AppConfig):
    name = "ledger.parameters"
    label = "ledger_parameters"
    default_auto_field = "django.db.models.BigAutoField"
