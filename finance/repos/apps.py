from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReposConfig(AppConfig):
    name = "finance.repos"
    label = "finance_repos"
    verbose_name = _("Repo, lending and custody")
    default_auto_field = "django.db.models.BigAutoField"
