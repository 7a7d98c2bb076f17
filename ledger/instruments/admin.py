from django.contrib import admin

from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.instruments import models


@admin.register(models.Scheme, site=site)
class SchemeAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = (
        "code",
        "name_zh",
        "family",
        "measure",
        "registry",
        "vintage_axis",
        "confidence",
    )
    list_filter = ("family", "registry", "confidence")
    list_select_related = ("registry",)
    search_fields = ("code", "name_zh", "name_en")


@admin.register(models.Registry, site=site)
class RegistryAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = ("code", "name_zh", "name_en", "operator_zh", "confidence")
    search_fields = ("code", "name_zh", "name_en")


@admin.register(models.Project, site=site)
class ProjectAdmin(ReadOnlyAdmin):
    open_to_all = True  # projects are public in their registries
    list_display = ("code", "name_zh", "scheme", "methodology", "crediting_from", "crediting_to")
    list_filter = ("scheme",)
    list_select_related = ("scheme",)
    search_fields = ("code", "name_zh", "name_en")


@admin.register(models.Plant, site=site)
class PlantAdmin(ReadOnlyAdmin):
    open_to_all = True  # as projects
    list_display = ("code", "name_zh", "technology", "commissioned_on", "region", "capacity_mw")
    list_filter = ("technology", "region")
    search_fields = ("code", "name_zh", "name_en")
