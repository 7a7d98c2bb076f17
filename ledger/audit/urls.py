from django.urls import path

from ledger.audit import views
from ledger.doors.admin import site

urlpatterns = [
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("checkpoint/<int:tree_size>", views.checkpoint_of, name="checkpoint_of"),
    path("checkpoint/<int:size1>/<int:size2>", views.consistency, name="consistency"),
    path("admin/audit/note/<int:checkpoint_id>/", site.admin_view(views.note), name="audit_note"),
    path("admin/audit/proof/<uuid:event_id>/", site.admin_view(views.proof), name="audit_proof"),
    path("admin/audit/history/", site.admin_view(views.history), name="audit_history"),
]
