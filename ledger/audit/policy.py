"""Whom somebody trusts, in the form of a C2SP witness policy. No Django: the verifier reads it too.

    log       <verifier key of the ledger>
    root      <SHA-256 of the root certificate of the documents>
    witness   <short name> <verifier key of a witness> [<address to submit checkpoints to>]
    group     <short name> <any | all | number> <short name> <short name> …
    quorum    <short name | none>

One statement on a line; `#` begins a remark.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from ledger.audit.cosigning import WitnessKey
from ledger.audit.notes import VerifierKey, open_note
from ledger.kernel.errors import N_, DomainError


class PolicyWrong(DomainError):
    code = "policy_wrong"
    message = N_("This is no policy of logs and witnesses.")


@dataclass(frozen=True, slots=True)
class Policy:
    """Keys by what they are for; without a quorum no witness is asked for."""

    logs: tuple[VerifierKey, ...] = ()
    roots: frozenset[str] = frozenset()
    witnesses: Mapping[str, WitnessKey] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """:raises PolicyWrong: a line of another form, a name or key twice, or that is not there"""
        made = _Reading()
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            if words:
                _read_line(made, words, number)
        if made.quorum and made.quorum not in _names(made):
            raise PolicyWrong(f"the quorum names nobody: {made.quorum}")
        return cls(
            tuple(made.logs), frozenset(made.roots), made.witnesses, made.addresses, made.groups,
            made.quorum,
        )  # fmt: skip

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

    def is_met_by(self, note: str) -> bool:
        """As many good cosignatures as the quorum wants."""
        return not self.quorum or self._is_met(self.quorum, self.seen_by(note))

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
    addresses: dict[str, str] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = ""


def _read_line(made: _Reading, words: list[str], number: int) -> None:
    try:
        match words:
            case ["log", key, *_]:
                made.logs.append(VerifierKey.parse(key))
            case ["root", told]:
                made.roots.add(bytes.fromhex(told.replace(":", "")).hex())
            case ["witness", name, key]:
                made.witnesses[_fresh(made, name)] = _another(made, WitnessKey.parse(key))
            case ["witness", name, key, address]:
                made.witnesses[_fresh(made, name)] = _another(made, WitnessKey.parse(key))
                made.addresses[name] = address
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
        raise PolicyWrong(f"line {number}: {wrong}") from wrong


def _names(made: _Reading) -> set[str]:
    return set(made.witnesses) | set(made.groups)


def _fresh(made: _Reading, name: str) -> str:
    if name in _names(made) or name == "none":
        raise ValueError(f"{name} twice")
    return name


def _another(made: _Reading, key: WitnessKey) -> WitnessKey:
    """One witness under two names would be counted twice."""
    if key.public_key in {one.public_key for one in made.witnesses.values()}:
        raise ValueError(f"the key of {key.name} twice")
    return key
