from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "reporting.documents"
    label = "reporting_documents"
    default_auto_field = "django.db.models.BigAutoField"
