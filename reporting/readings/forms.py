from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.readings.states import Stamp


class UploadReadings(forms.Form):
    park = forms.ChoiceField(label=_("Park"))
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or XLSX in Beijing time, laid out as one of the templates: a line a reading "
            "(meter, time, value), a line a meter's day (96 or 24 columns), or what registers "
            "showed (meter, time, register; or start and end). If you like with unit and quality "
            "(measured, estimated, proxy). It is taken in whole, or every bad row is named."
        ),
    )
    stamp = forms.ChoiceField(label=_("The time of a reading says"), choices=Stamp)
    reason = forms.CharField(
        label=_("Reason, if readings are corrected"),
        max_length=200,
        required=False,
        help_text=_("What was read before stays readable; the newer version holds."),
    )
