"""The state of the ledger as one hash, and what a creditor can prove of it to herself."""
