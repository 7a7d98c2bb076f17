from django.apps import AppConfig


class DisclosuresConfig(AppConfig):
    name = "reporting.disclosures"
    label = "reporting_disclosures"
    default_auto_field = "django.db.models.BigAutoField"
