from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.accounts.models import TYPES
from ledger.accounts.rules import AccountType
from ledger.instruments import queries as instruments

OPENED_HERE = frozenset({AccountType.HOLDING, AccountType.TRADING, AccountType.PROJECT})


class OpenAccount(forms.Form):
    registry = forms.ChoiceField(label=_("registry"), choices=instruments.registry_choices)
    type = forms.ChoiceField(
        label=_("type"), choices=[one for one in TYPES if one[0] in OPENED_HERE]
    )
    number = forms.CharField(label=_("account number"), max_length=60)
    name = forms.CharField(label=_("name"), max_length=120, required=False)


class Reason(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


class TrustAccount(Reason):
    registry = forms.ChoiceField(label=_("registry"), choices=instruments.registry_choices)
    number = forms.CharField(label=_("account number"), max_length=60)
    field_order = ["registry", "number", "reason"]


KINDS = [
    ("ISSUE", _("issue")),
    ("TRANSFER", _("transfer")),
    ("HOLD", _("hold, and its release")),
    ("CAPTURE", _("enforcement")),
    ("RETIRE", _("retirement")),
    ("CLAIM", _("claim")),
    ("REDEEM", _("redemption")),
    ("SURRENDER", _("surrender")),
    ("CANCEL", _("cancellation")),
    ("EXPIRE", _("expiry")),
    ("CARRY_OVER", _("carry-over")),
]
REACHES = [
    ("WITHIN", _("within one account")),
    ("SAME", _("to another account of the same party")),
    ("OTHER", _("to another party's account")),
]


ANSWERS = [("", "—"), ("yes", _("possible")), ("no", _("refused"))]


class MatrixFilter(forms.Form):
    kind = forms.ChoiceField(label=_("kind of movement"), choices=KINDS)
    source = forms.ChoiceField(
        label=pgettext_lazy("account", "from"), choices=[("", "—"), *TYPES], required=False
    )
    target = forms.ChoiceField(
        label=pgettext_lazy("account", "to"), choices=[("", "—"), *TYPES], required=False
    )
    answer = forms.ChoiceField(label=_("answer"), choices=ANSWERS, required=False)
