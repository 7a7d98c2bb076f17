from django.urls import path

from ledger.doors.admin import site
from reporting.documents import views

urlpatterns = [
    path("uses/<uuid:claim_id>.pdf", site.admin_view(views.use_statement), name="use_statement_pdf")
]
