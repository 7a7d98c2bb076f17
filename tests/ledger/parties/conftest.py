from tests.ledger.approvals.conftest import approvable, office

__all__ = ["approvable", "office"]
