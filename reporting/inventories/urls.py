from django.urls import path

from ledger.doors.admin import site
from reporting.inventories import views

urlpatterns = [
    path(
        "contracts/<uuid:contract_id>/<int:year>/",
        site.admin_view(views.contract_emissions),
        name="contract_emissions",
    )
]
