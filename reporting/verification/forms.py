from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.parties import queries as parties
from reporting.verification.models import FindingKindChoice, LevelChoice, OpinionKindChoice


class EngagementForm(forms.Form):
    park_code = forms.ChoiceField(label=_("Park"))
    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    verifier = forms.ModelChoiceField(
        label=_("Verification body"), queryset=parties.parties(kind="VERIFIER")
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
