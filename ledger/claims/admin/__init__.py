"""Claims, metered months and certificates: looked at here, changed by confirmed acts."""

from ledger.claims.admin.claims import ClaimAdmin
from ledger.claims.admin.metering import GenerationAdmin, IssuanceAdmin

__all__ = ["ClaimAdmin", "GenerationAdmin", "IssuanceAdmin"]
