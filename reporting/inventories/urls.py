from django.urls import path

from ledger.doors.admin import site
from reporting.inventories import rest, views

api = [
    path("inventories/", rest.Inventories.as_view()),
    path("inventories/<uuid:inventory_id>/frozen/", rest.FrozenInventory.as_view()),
]

urlpatterns = [
    path(
        "contracts/<uuid:contract_id>/<int:year>/",
        site.admin_view(views.contract_emissions),
        name="contract_emissions",
    )
]
