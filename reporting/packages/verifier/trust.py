"""What the reader trusts, in the form of a C2SP witness policy; and the answer that she gets.

    log       <verifier key of the ledger>
    root      <SHA-256 of the root certificate of the documents>
    witness   <short name> <verifier key of a witness>
    group     <short name> <any | all | number> <short name> <short name> …
    quorum    <short name | none>

One statement on a line; `#` begins a remark. The file must have come to the reader by another way
than the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.audit.cosigning import WitnessKey
from ledger.audit.notes import CheckpointText, VerifierKey, open_note
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


@dataclass(frozen=True, slots=True)
class Policy:
    logs: tuple[VerifierKey, ...] = ()
    roots: frozenset[str] = frozenset()
    witnesses: Mapping[str, WitnessKey] = field(default_factory=dict)
    groups: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = ""

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """:raises Refused: a line of another form, a name that is not there"""
        made = _Reading()
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            if words:
                _read_line(made, words, number)
        members = {one for _, names in made.groups.values() for one in names}
        members |= {made.quorum} - {""}
        if unknown := members - set(made.witnesses) - set(made.groups):
            raise Refused("trust", f"names nobody: {', '.join(sorted(unknown))}")
        return cls(
            tuple(made.logs), frozenset(made.roots), made.witnesses, made.groups, made.quorum
        )

    def open_checkpoint(self, note: str) -> CheckpointText:
        """The checkpoint, once a trusted log and as many witnesses as wanted have signed it.

        :raises Refused: too few witnesses
        :raises DomainError: no or wrong signature of the log
        """
        text = open_note(note, self.logs).text
        said = CheckpointText.parse(text)
        if said.origin not in {key.name for key in self.logs}:
            raise Refused("checkpoint", "its origin is not the name of a trusted log")
        if self.quorum and not self._is_met(self.quorum, self.seen_by(note)):
            raise Refused("witnesses", f"the quorum {self.quorum} is not met")
        return said

    def seen_by(self, note: str) -> frozenset[str]:
        """The short names of the witnesses whose good cosignature the note carries."""
        seen = set()
        for name, key in self.witnesses.items():
            try:
                open_note(note, [key])
            except DomainError:
                continue
            seen.add(name)
        return frozenset(seen)

    def _is_met(self, name: str, seen: frozenset[str]) -> bool:
        if name in self.witnesses:
            return name in seen
        needed, members = self.groups[name]
        return sum(self._is_met(member, seen) for member in members) >= needed


@dataclass(slots=True)
class _Reading:
    logs: list[VerifierKey] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)
    witnesses: dict[str, WitnessKey] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = ""


def _read_line(made: _Reading, words: list[str], number: int) -> None:
    try:
        match words:
            case ["log", key, *_]:
                made.logs.append(VerifierKey.parse(key))
            case ["root", told]:
                made.roots.add(bytes.fromhex(told.replace(":", "")).hex())
            case ["witness", name, key, *_]:
                made.witnesses[_fresh(made, name)] = WitnessKey.parse(key)
            case ["group", name, count, *members] if set(members) <= _names(made):
                needed = {"any": "1", "all": str(len(members))}.get(count, count)
                if not 0 < int(needed) <= len(set(members)) == len(members):
                    raise ValueError(count)
                made.groups[_fresh(made, name)] = int(needed), tuple(members)
            case ["quorum", name] if not made.quorum:
                made.quorum = "" if name == "none" else name
            case _:
                raise ValueError(words[0])
    except (ValueError, DomainError) as wrong:
        raise Refused("trust", f"line {number}: {wrong}") from wrong


def _names(made: _Reading) -> set[str]:
    return set(made.witnesses) | set(made.groups)


def _fresh(made: _Reading, name: str) -> str:
    if name in _names(made) or name == "none":
        raise ValueError(f"{name} twice")
    return name
