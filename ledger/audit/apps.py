from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "ledger.audit"
    label = "ledger_audit"
    default_auto_field = "django.db.models.BigAutoField"
