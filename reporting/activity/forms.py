from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    """A park, a year and a file; the rules read the rows."""

    park = forms.ChoiceField(label=_("Park"))
    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_(
            "CSV (UTF-8 or GB18030) or XLSX: source, month, quantity, unit, evidence, note"
        ),
    )
    staged = forms.UUIDField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason, if values are corrected"), max_length=200, required=False
    )

    def __init__(self, *args: Any, parks: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["park"].choices = parks  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("file") and not data.get("staged"):
            self.add_error("file", _("Choose a file."))
        return data
