from django.apps import AppConfig


class FactorsConfig(AppConfig):
    name = "reporting.factors"
    label = "reporting_factors"
    default_auto_field = "django.db.models.BigAutoField"
