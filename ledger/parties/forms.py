from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ledger.parties.models import Party, RoleName, User
from ledger.parties.rules import API_ROLES, SCOPES


class SignIn(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class Code(forms.Form):
    """Six digits of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=16,
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        return code.replace(" ", "").strip()


class Email(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class NewPassword(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 12 characters, and not a common one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password") != data.get("again"):
            self.add_error("again", _("The two are not the same."))
        return data


class ChangePassword(NewPassword):
    present = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("present", "password", "again")


# --- forms of the desk's acts


class Day(forms.DateInput):
    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if hasattr(value, "isoformat") else super().format_value(value)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500)


class PartyForm(forms.Form):
    kind = forms.ChoiceField(label=_("kind"), choices=Party.Kind.choices)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    uscc = forms.CharField(
        label=_("unified social credit code"), min_length=18, max_length=18, required=False
    )
    region = forms.CharField(
        label=_("region code"), min_length=6, max_length=6, required=False, help_text="GB/T 2260"
    )


class InviteForm(forms.Form):
    name = forms.CharField(label=_("name"), max_length=100)
    email = forms.EmailField(label=_("E-mail"))
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)


class RoleForm(forms.Form):
    party = forms.ModelChoiceField(label=_("party"), queryset=Party.objects.order_by("name_zh"))
    role = forms.ChoiceField(label=_("role"), choices=RoleName.choices)
    valid_from = forms.DateField(label=_("from"), widget=Day)
    valid_to = forms.DateField(label=_("until before"), widget=Day, required=False)


class DeputyForm(forms.Form):
    user = forms.ModelChoiceField(
        label=_("Deputy"), queryset=User.objects.filter(is_active=True).order_by("name")
    )
    valid_from = forms.DateField(label=_("from"), widget=Day)
    valid_to = forms.DateField(label=_("until before"), widget=Day)


class ExpiryForm(forms.Form):
    expires_at = forms.DateTimeField(label=_("expires at"))


class ApiClientForm(ExpiryForm):
    party = forms.ModelChoiceField(label=_("party"), queryset=Party.objects.order_by("name_zh"))
    name = forms.CharField(label=_("name"), max_length=100)
    role = forms.ChoiceField(
        label=_("role"), choices=[one for one in RoleName.choices if one[0] in API_ROLES]
    )
    scopes = forms.MultipleChoiceField(
        label=_("scopes"),
        choices=[(one, one) for one in sorted(SCOPES)],
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("party", "name", "role", "scopes", "expires_at")
