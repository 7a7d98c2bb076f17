from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProofsConfig(AppConfig):
    name = "ledger.proofs"
    label = "ledger_proofs"
    verbose_name = _("Proofs of the state")
    default_auto_field = "django.db.models.BigAutoField"
