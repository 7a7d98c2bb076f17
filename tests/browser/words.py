"""What the pages say, by the catalogues: so that a journey is clicked in both languages alike."""

from collections.abc import Callable

from django.utils import translation

LANGUAGES = ("zh-hans", "en")
Say = Callable[[str], str]


def sayer(language: str) -> Say:
    """`say("Continue")` is that word in the language; what has places is cut before the first."""

    def say(text: str) -> str:
        with translation.override(language):
            return translation.gettext(text).partition("%(")[0].strip()

    return say


CHINESE = sayer("zh-hans")
