"""Refusals. A function does what it says, or raises why not."""

from collections.abc import Mapping


def N_(message: str) -> str:  # noqa: N802  gettext's own name for "translate this later"
    """Mark a sentence for translation; it is translated at the door."""
    return message


class DomainError(Exception):
    """A rule refused. `code` is for machines, `message` for people, `params` fill the message.

    Subclasses set both; the message is an English sentence with %(name)s places, marked with N_.
    Doors translate it: `gettext(error.message) % error.params`.
    """

    code = "refused"
    message = N_("The request was refused.")

    def __init__(self, detail: str = "", **params: object) -> None:
        self.detail = detail
        self.params: Mapping[str, object] = params
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The untranslated sentence, with its technical detail."""
        text = self.message % self.params if self.params else self.message
        return f"{text} ({self.detail})" if self.detail else text


class NotAllowed(DomainError):
    code = "not_allowed"
    message = N_("Your role does not allow this.")


class NotFound(DomainError):
    """Not there, or not yours: the two look the same from outside."""

    code = "not_found"
    message = N_("There is no such item.")


class IllegalTransition(DomainError):
    code = "illegal_transition"
    message = N_("From %(old)s there is no move to %(new)s.")
