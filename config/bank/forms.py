"""What a bank officer fills in; forms that only validate."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.webhooks import queries as webhooks


class Decision(forms.Form):
    """Consent or refusal; a release of everything names its three documents (R7.23)."""

    answer = forms.CharField(label=_("answer"), max_length=300, required=False)
    repayment = forms.CharField(label=_("proof of repayment"), max_length=300, required=False)
    cancellation = forms.CharField(
        label=_("cancelled registration"), max_length=300, required=False
    )
    unfreezing = forms.CharField(label=_("lifted freeze"), max_length=300, required=False)

    def __init__(self, *args: Any, is_release: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_release:
            for name in ("repayment", "cancellation", "unfreezing"):
                del self.fields[name]


# what each kind of message tells; a machine reads the word behind it
KINDS = {
    "pledge.asked": _("a request to the creditor"),
    "pledge.call_settled": _("a margin call met"),
    "pledge.decided": _("a request decided"),
    "pledge.margin_call": _("a margin call"),
    "pledge.moved": _("a pledge in a new state"),
    "pledge.price_alert": _("a price alert"),
    "pledge.registered": _("a registration"),
}


class NewWebhook(forms.Form):
    url = forms.CharField(
        label=_("address"), max_length=500, help_text=_("https, of a host that we can reach.")
    )
    kinds = forms.MultipleChoiceField(
        label=_("tells of"),
        required=False,
        help_text=_("None chosen: everything."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (one, f"{KINDS[one]} ({one})" if one in KINDS else one)
            for one in webhooks.known_kinds()
        ]


class Attest(forms.Form):
    """Which of a pledge's units are attested: each hold is attested by itself."""

    hold_id = forms.UUIDField()


class Way(forms.Form):
    """From which kept checkpoint to which attestation."""

    attestation = forms.ChoiceField(label=_("attestation"))
    previous = forms.IntegerField(
        label=_("events that the kept checkpoint covers (its second line)"), min_value=1
    )

    def __init__(self, *args: Any, of: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attestation"].choices = list(of)  # type: ignore[attr-defined]
