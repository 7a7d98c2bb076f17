"""The addresses of the handbooks."""

from django.urls import path

from config.handbooks import views

urlpatterns = [
    path("help/", views.own, name="help"),
    path("help/<slug:name>/", views.handbook, name="handbook"),
]
