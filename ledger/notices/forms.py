"""Forms that only check what was typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.notices import queries
from ledger.notices.rules import Wishes
from ledger.notices.states import MailMode, Severity

HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]
MODE = "mode_"  # a field for each kind of notice begins so

SHOWS = [
    ("open", _("what stands")),
    ("unread", _("unread")),
    ("snoozed", _("put off")),
    ("settled", _("settled")),
    ("all", _("everything")),
]


class InboxForm(forms.Form):
    """What the inbox shows."""

    show = forms.ChoiceField(label=_("Show"), choices=SHOWS, required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    severity = forms.ChoiceField(
        label=_("Severity"), choices=[("", "—"), *Severity.choices], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = [("", "—"), *queries.kind_choices()]


class SnoozeForm(forms.Form):
    until = forms.DateField()


class PreferencesForm(forms.Form):
    """How somebody wants her mail: a choice for each kind, and the hours."""

    digest_hour = forms.TypedChoiceField(
        label=_("Daily summary at"), choices=HOURS, coerce=int, help_text=_("Beijing time.")
    )
    quiet_from = forms.TypedChoiceField(
        label=_("Quiet hours from"),
        choices=HOURS,
        coerce=int,
        help_text=_("No mail goes out in these hours; it waits for their end."),
    )
    quiet_to = forms.TypedChoiceField(
        label=_("Quiet hours until"),
        choices=HOURS,
        coerce=int,
        help_text=_("The same hour as the beginning: no quiet hours."),
    )
    urgent_any_time = forms.BooleanField(
        label=_("Urgent notices come in quiet hours, too"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, title in queries.kind_choices():
            self.fields[MODE + name] = forms.ChoiceField(label=title, choices=MailMode.choices)

    @property
    def kind_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith(MODE)]

    @property
    def other_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if not name.startswith(MODE)]

    @staticmethod
    def given(wishes: Wishes) -> dict[str, Any]:
        """What the form shows at first."""
        modes = {MODE + kind.name: wishes.mode(kind.name) for kind in queries.kinds()}
        return {
            **modes,
            "digest_hour": wishes.digest_hour,
            "quiet_from": wishes.quiet_from,
            "quiet_to": wishes.quiet_to,
            "urgent_any_time": wishes.urgent_any_time,
        }

    def modes(self) -> dict[str, str]:
        return {
            name.removeprefix(MODE): str(value)
            for name, value in self.cleaned_data.items()
            if name.startswith(MODE)
        }
