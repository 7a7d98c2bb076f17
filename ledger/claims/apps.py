from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "ledger.claims"
    label = "ledger_claims"
    default_auto_field = "django.db.models.BigAutoField"
