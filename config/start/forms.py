from django import forms
from django.utils.translation import gettext_lazy as _


class FoundForm(forms.Form):
    code = forms.CharField(
        label=_("Setup code"), help_text=_("The server printed it at its start.")
    )
    name_zh = forms.CharField(label=_("Operator's name in Chinese"), max_length=200)
    name_en = forms.CharField(label=_("Operator's name in English"), max_length=200, required=False)
    uscc = forms.CharField(label=_("Unified social credit code"), max_length=18, required=False)
    region = forms.CharField(label=_("Region code (GB/T 2260)"), max_length=6, required=False)
    person = forms.CharField(label=_("Your name"), max_length=100)
    email = forms.EmailField(label=_("Your e-mail"))
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput)


class SheetForm(forms.Form):
    file = forms.FileField(label=_("File"))


class PositionsForm(SheetForm):
    evidence = forms.FileField(
        label=_("Evidence"), help_text=_("The registry's statement (PDF, image or table).")
    )
