from django.apps import AppConfig


class ParksConfig(AppConfig):
    name = "reporting.parks"
    label = "reporting_parks"
    default_auto_field = "django.db.models.BigAutoField"
