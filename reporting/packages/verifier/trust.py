"""What the reader trusts (`ledger/audit/policy.py` says the form of the file), and her answer.

The file must have come to the reader by another way than the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ledger.audit import policy
from ledger.audit.notes import CheckpointText, open_note
from ledger.kernel.errors import N_, DomainError


class Refused(DomainError):
    """NO: `item` names the part of the file that does not hold."""

    code = "refused"
    message = N_("It does not hold.")

    def __init__(self, item: str, why: str) -> None:
        self.item, self.why = item, why
        super().__init__(f"{item}: {why}")


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence with its places filled in by `facts`; marked for translation."""

    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence % self.facts


@dataclass(slots=True)
class Answer:
    """YES: what was proved, what the file merely says, and what nobody looked at."""

    kind: str
    sha256: str
    proved: list[Finding] = field(default_factory=list)
    told: list[Finding] = field(default_factory=list)
    statement: Mapping[str, Any] = field(default_factory=dict)

    def prove(self, sentence: str, **facts: Any) -> None:
        self.proved.append(Finding(sentence, facts))

    def tell(self, sentence: str, **facts: Any) -> None:
        self.told.append(Finding(sentence, facts))


class Policy(policy.Policy):
    """The reader's own, and what it makes of a checkpoint."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """:raises Refused: a line of another form, a name that is not there"""
        try:
            return super().parse(text)
        except policy.PolicyWrong as wrong:
            raise Refused("trust", wrong.sentence()) from wrong

    def open_checkpoint(self, note: str) -> CheckpointText:
        """The checkpoint, once a trusted log and as many witnesses as wanted have signed it.

        :raises Refused: too few witnesses
        :raises DomainError: no or wrong signature of the log
        """
        said = CheckpointText.parse(open_note(note, self.logs).text)
        if said.origin not in {key.name for key in self.logs}:
            raise Refused("checkpoint", N_("its origin is not the name of a trusted log"))
        if not self.is_met_by(note):
            raise Refused("witnesses", f"the quorum {self.quorum} is not met")
        return said
