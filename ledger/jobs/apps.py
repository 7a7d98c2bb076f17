from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "ledger.jobs"
    label = "ledger_jobs"
    default_auto_field = "django.db.models.BigAutoField"
