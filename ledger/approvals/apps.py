from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "ledger.approvals"
    label = "ledger_approvals"
    default_auto_field = "django.db.models.BigAutoField"
