from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ledger.accounts"
    label = "ledger_accounts"
    default_auto_field = "django.db.models.BigAutoField"
