"""What the pages say, by the catalogues: so that a journey is clicked in both languages alike."""

from typing import Protocol

from django.utils import translation

LANGUAGES = ("zh-hans", "en")


class Say(Protocol):
    def __call__(self, text: str, /, *, meant: str = "", **places: object) -> str: ...


def sayer(language: str) -> Say:
    """`say("Continue")` is that word in the language; what has places is cut before the first,
    or filled: `say("%(count)s rows", count=2)`.

    `meant`: the context of a word that is said otherwise elsewhere.
    """

    def say(text: str, /, *, meant: str = "", **places: object) -> str:
        with translation.override(language):
            said = translation.pgettext(meant, text) if meant else translation.gettext(text)
        return said % places if places else said.partition("%(")[0].strip()

    return say


CHINESE = sayer("zh-hans")
