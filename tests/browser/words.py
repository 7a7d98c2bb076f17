"""What the pages say, by the catalogues: so that a journey is clicked in both languages alike."""

from typing import Protocol

from django.utils import translation

LANGUAGES = ("zh-hans", "en")


class Say(Protocol):
    def __call__(self, text: str, /, *, meant: str = "") -> str: ...


def sayer(language: str) -> Say:
    """`say("Continue")` is that word in the language; what has places is cut before the first.

    `meant`: the context of a word that is said otherwise elsewhere.
    """

    def say(text: str, /, *, meant: str = "") -> str:
        with translation.override(language):
            said = translation.pgettext(meant, text) if meant else translation.gettext(text)
        return said.partition("%(")[0].strip()

    return say


CHINESE = sayer("zh-hans")
