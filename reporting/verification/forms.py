"""What is filled in on the desk and in the verifier's room; forms that only validate."""

from collections.abc import Mapping
from typing import IO, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.parties import queries as parties
from reporting.verification.models import (
    FindingKindChoice,
    LevelChoice,
    MethodChoice,
    OpinionKindChoice,
    OutcomeChoice,
)
from reporting.verification.states import Outcome

LONGEST = 10_000  # letters of a text
MOST_IN_SAMPLE = 500


class EngagementForm(forms.Form):
    park_code = forms.ChoiceField(label=_("Park"))
    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    verifier = forms.ModelChoiceField(
        label=_("Verification body"), queryset=parties.parties(kind="VERIFIER")
    )
    accreditation = forms.CharField(
        label=_("accreditation of the verification body"),
        max_length=200,
        required=False,
        help_text=_("By whom and under which number, as the report will say it."),
    )
    criteria = forms.CharField(
        label=_("Criteria"), max_length=200, initial="ISO 14064-1:2018, ISO 14064-3:2019"
    )
    level = forms.ChoiceField(label=_("Level of assurance"), choices=LevelChoice.choices)
    scope = forms.CharField(label=_("Scope"), widget=forms.Textarea)


class StatementForm(forms.Form):
    statement = forms.CharField(label=_("Declaration of independence"), widget=forms.Textarea)


class FindingForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=FindingKindChoice.choices)
    text = forms.CharField(label=_("What was found"), widget=forms.Textarea)
    effect_tco2e = forms.DecimalField(label=_("Effect (tCO2e): stated less right"), required=False)


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("Answer"), widget=forms.Textarea)


class CloseForm(forms.Form):
    is_corrected = forms.BooleanField(label=_("It was corrected"), required=False)
    conclusion = forms.CharField(label=_("Conclusion"), widget=forms.Textarea)


class OpinionForm(forms.Form):
    kind = forms.ChoiceField(label=_("Opinion"), choices=OpinionKindChoice.choices)
    content_hash = forms.ChoiceField(label=_("Content hash of the frozen inventory"))
    text = forms.CharField(label=_("Text of the opinion"), widget=forms.Textarea)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST, widget=forms.Textarea)


class FactForm(forms.Form):
    text = forms.CharField(label=_("What came to light"), max_length=LONGEST, widget=forms.Textarea)


class DecisionForm(forms.Form):
    conclusion = forms.CharField(label=_("Conclusion"), max_length=LONGEST, widget=forms.Textarea)


class ReplyForm(forms.Form):
    """Text, and up to three files."""

    text = forms.CharField(label=_("Answer"), max_length=LONGEST, widget=forms.Textarea)
    file = forms.FileField(label=_("File"), required=False)
    file_2 = forms.FileField(label=_("Another file"), required=False)
    file_3 = forms.FileField(label=_("A third file"), required=False)


def attachments_in(data: Mapping[str, Any]) -> list[tuple[str, IO[bytes]]]:
    """The files of a `ReplyForm`."""
    found = (data.get(name) for name in ("file", "file_2", "file_3"))
    return [(one.name, one) for one in found if one]


class TeamForm(forms.Form):
    team = forms.MultipleChoiceField(
        label=_("Team"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("You belong to it. Colleagues who are not in the team do not see it."),
    )


class SampleForm(forms.Form):
    content_hash = forms.ChoiceField(label=_("Frozen inventory"))
    method = forms.ChoiceField(label=_("Method"), choices=MethodChoice.choices)
    size = forms.IntegerField(label=_("Rows"), min_value=1, max_value=MOST_IN_SAMPLE, initial=10)
    seed = forms.CharField(
        label=_("Seed"),
        required=False,
        max_length=32,
        help_text=_("Empty: drawn by chance. It is recorded, and anybody can draw again with it."),
    )
    reason = forms.CharField(label=_("Why this sample"), max_length=LONGEST)


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[one for one in OutcomeChoice.choices if one[0] != Outcome.WAITING],
    )
    difference_tco2e = forms.DecimalField(
        label=_("Stated less right (tCO2e)"), required=False, max_digits=20, decimal_places=10
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=LONGEST, widget=forms.Textarea
    )


class AskForm(forms.Form):
    text = forms.CharField(label=_("What is asked for"), max_length=LONGEST, widget=forms.Textarea)
    due_on = forms.DateField(
        label=_("wanted by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class SignatureForm(forms.Form):
    signature = forms.FileField(
        label=_("Detached signature"), help_text=_("CMS or PKCS#7, as DER (.p7s) or PEM.")
    )
