"""Reading the log; what other rooms may ask."""

from ledger.audit.queries.checkpoints import (
    KEY_SUBJECT,
    check_not_behind_outside_checkpoint,
    checkpoint_keys,
    find_checkpoint,
    find_checkpoint_of,
    find_seal,
    latest_checkpoint,
)
from ledger.audit.queries.comparing import (
    Check,
    checks,
    compare_rows_with_events,
    register_check,
)
from ledger.audit.queries.events import (
    Look,
    data_of,
    data_told_of,
    events_of,
    events_told_of,
    find_event,
    reads_of,
    subjects_of,
)
from ledger.audit.queries.proving import (
    get_consistency_proof,
    get_consistency_ways,
    get_inclusion_proof,
    get_inclusion_proofs,
    notes_of,
    unsealed_among,
)
from ledger.audit.queries.sealing import (
    SealState,
    seal_state,
)
from ledger.audit.queries.witnesses import (
    Shown,
    check_cosignatures,
    shown,
    size_seen_by,
    witness_policy,
    witnessed_checkpoint,
)
from ledger.audit.rules import (
    Fault,
    NotSealedYet,
    OutsideCheckpointAhead,
    OutsideCheckpointDiffers,
)

__all__ = [
    "KEY_SUBJECT",
    "Check",
    "Fault",
    "Look",
    "NotSealedYet",
    "OutsideCheckpointAhead",
    "OutsideCheckpointDiffers",
    "SealState",
    "Shown",
    "check_cosignatures",
    "check_not_behind_outside_checkpoint",
    "checkpoint_keys",
    "checks",
    "compare_rows_with_events",
    "data_of",
    "data_told_of",
    "events_of",
    "events_told_of",
    "find_checkpoint",
    "find_checkpoint_of",
    "find_event",
    "find_seal",
    "get_consistency_proof",
    "get_consistency_ways",
    "get_inclusion_proof",
    "get_inclusion_proofs",
    "latest_checkpoint",
    "notes_of",
    "reads_of",
    "register_check",
    "seal_state",
    "shown",
    "size_seen_by",
    "subjects_of",
    "unsealed_among",
    "witness_policy",
    "witnessed_checkpoint",
]
