from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "reporting.desk"
    label = "reporting_desk"
    default_auto_field = "django.db.models.BigAutoField"
