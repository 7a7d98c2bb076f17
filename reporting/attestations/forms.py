from django import forms
from django.utils.translation import gettext_lazy as _

from reporting.attestations.models import Language


class AttestForm(forms.Form):
    hold_id = forms.ChoiceField(
        label=_("Pledge"), help_text=_("Pledges in force that you are a party to.")
    )


class PrintForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Both parties of the pledge can read it.")
    )


class VerifyForm(forms.Form):
    file = forms.FileField(
        label=_("The document"),
        required=False,
        help_text=_("An attestation (PDF or JSON) or a signed report (PDF). It is not kept."),
    )
    sha256 = forms.RegexField(
        r"^[0-9a-fA-F]{64}$",
        label=_("or the SHA-256 printed on its seal"),
        required=False,
        strip=True,
        error_messages={"invalid": _("64 digits and letters from a to f.")},
    )
