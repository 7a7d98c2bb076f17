from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "ledger.files"
    label = "ledger_files"
    default_auto_field = "django.db.models.BigAutoField"
