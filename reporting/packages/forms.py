from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.packages.models import Language


class ReportForm(forms.Form):
    frozen_inventory_id = forms.ChoiceField(label=_("Frozen inventory"))
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
