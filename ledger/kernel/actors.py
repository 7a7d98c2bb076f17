"""Who acts. Read at the door, handed in as `by`."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from ledger.kernel.errors import NotAllowed


class Role(StrEnum):
    """What a membership lets a person do for one party."""

    CARBON_MANAGER = "CARBON_MANAGER"
    APPROVER = "APPROVER"
    DATA_OFFICER = "DATA_OFFICER"
    VERIFIER = "VERIFIER"
    BANK_OFFICER = "BANK_OFFICER"
    FUND_MANAGER = "FUND_MANAGER"
    AUDITOR = "AUDITOR"
    ADMINISTRATOR = "ADMINISTRATOR"
    SYSTEM = "SYSTEM"  # a machine: jobs, the sequencer, commands
    PERSON = "PERSON"  # somebody on her own behalf: her password, second factor, sessions


# What a membership can give; the other two are never granted to anybody.
GRANTABLE = frozenset(Role) - {Role.SYSTEM, Role.PERSON}


@dataclass(frozen=True, slots=True)
class Actor:
    """One natural person or machine, acting for one party in the roles held there today."""

    user_id: UUID
    party_id: UUID | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)

    @property
    def is_machine(self) -> bool:
        return Role.SYSTEM in self.roles

    @property
    def own_party(self) -> UUID:
        """:raises NotAllowed: acts for no party, so owns nothing"""
        if self.party_id is None:
            raise NotAllowed
        return self.party_id

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


SYSTEM_USER_ID = UUID("00000000-0000-7000-8000-000000000001")
SYSTEM = Actor(user_id=SYSTEM_USER_ID, roles=frozenset({Role.SYSTEM}))
