from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlannerConfig(AppConfig):
    name = "finance.planner"
    label = "finance_planner"
    verbose_name = _("Planning the cover")
    default_auto_field = "django.db.models.BigAutoField"
