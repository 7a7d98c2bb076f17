from django.apps import AppConfig


class PackagesConfig(AppConfig):
    name = "reporting.packages"
    label = "reporting_packages"
    default_auto_field = "django.db.models.BigAutoField"
