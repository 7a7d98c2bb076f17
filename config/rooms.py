"""Every room of the house, in the order of its storeys."""

ROOMS = [
    *(
        f"ledger.{room}"
        for room in (
            "doors",
            "audit",
            "files",
            "jobs",
            "parties",
            "approvals",
            "parameters",
            "imports",
            "notices",
            "webhooks",
            "instruments",
            "accounts",
            "units",
            "holds",
            "claims",
            "reconciliation",
            "compliance",
            "proofs",
        )
    ),
    *(
        f"finance.{room}"
        for room in (
            "prices",
            "funds",
            "proceeds",
            "sharing",
            "ppas",
            "repos",
            "hedges",
            "trades",
            "facilities",
            "pledges",
            "planner",
        )
    ),
    *(
        f"reporting.{room}"
        for room in (
            "parks",
            "factors",
            "readings",
            "activity",
            "entries",
            "inventories",
            "indicators",
            "targets",
            "verification",
            "disclosures",
            "documents",
            "packages",
            "attestations",
            "desk",
        )
    ),
]
