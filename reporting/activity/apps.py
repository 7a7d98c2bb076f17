from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "reporting.activity"
    label = "reporting_activity"
    default_auto_field = "django.db.models.BigAutoField"
