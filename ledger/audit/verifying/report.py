"""What a verification found."""

from dataclasses import dataclass, field
from typing import Any

from ledger.audit.rules import Fault


@dataclass
class Report:
    """What a verification found: how much was looked at, and the first fault of each kind."""

    since: int = 0
    tree_size: int = 0
    unsealed_count: int = 0
    checkpoint_count: int = 0
    outside_count: int = 0
    hashing_nanoseconds: int = 0  # without waiting for the server's bytes
    checks: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, Fault] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return not self.first

    def note(self, fault: Fault) -> None:
        self.counts[fault.kind] = self.counts.get(fault.kind, 0) + 1
        self.first.setdefault(fault.kind, fault)

    def add(self, other: "Report") -> None:
        self.checks += other.checks
        for kind, fault in other.first.items():
            self.first.setdefault(kind, fault)
            self.counts[kind] = self.counts.get(kind, 0) + other.counts[kind]

    def as_json(self) -> dict[str, Any]:
        return {
            "good": self.is_good,
            "since": self.since,
            "tree_size": self.tree_size,
            "unsealed": self.unsealed_count,
            "checkpoints": self.checkpoint_count,
            "outside_checkpoints": self.outside_count,
            "checks": self.checks,
            "faults": [
                {
                    "kind": fault.kind,
                    "first": fault.subject,
                    "text": fault.text,
                    "count": self.counts[fault.kind],
                }
                for fault in self.first.values()
            ],
        }
