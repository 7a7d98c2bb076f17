from ledger.kernel.errors import N_, DomainError


class ForeignAddress(DomainError):
    code = "foreign_address"
    message = N_("Only a list of this desk can be kept as a view.")


def check_own_address(address: str) -> None:
    """:raises ForeignAddress: not a path below /admin/ of this site"""
    if not address.startswith("/admin/") or "//" in address or "\\" in address:
        raise ForeignAddress(address)
