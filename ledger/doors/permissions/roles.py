"""Groups of roles that many lines of the table name."""

from ledger.kernel.actors import Role

R = Role
CHECKERS = frozenset({R.APPROVER, R.BANK_OFFICER})
MAKERS = frozenset(
    {R.CARBON_MANAGER, R.DATA_OFFICER, R.BANK_OFFICER, R.FUND_MANAGER, R.APPROVER, R.SYSTEM}
)
EVERYBODY = frozenset({R.PERSON})
ADMIN = frozenset({R.ADMINISTRATOR, R.SYSTEM})
# those whose own operations move units; `units.post_entry` stands below all of these
MOVERS = frozenset({R.CARBON_MANAGER, R.APPROVER, R.BANK_OFFICER, R.FUND_MANAGER, R.SYSTEM})
