from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "reporting.verification"
    label = "reporting_verification"
    default_auto_field = "django.db.models.BigAutoField"
