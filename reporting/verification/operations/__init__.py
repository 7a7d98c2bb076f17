"""A verifier's work: engagement, samples, requests, findings, opinion, facts discovered later."""

from reporting.verification.operations.asking import (
    answer_request,
    ask,
    ask_again,
    close_request,
    withdraw_request,
)
from reporting.verification.operations.engaging import (
    conclude_procedures,
    declare_independence,
    open_engagement,
    set_team,
    withdraw_engagement,
)
from reporting.verification.operations.finding import (
    answer_finding,
    close_finding,
    raise_finding,
    send_finding_back,
    withdraw_finding,
)
from reporting.verification.operations.later import (
    dismiss_later_fact,
    reopen_engagement,
    tell_later_fact,
)
from reporting.verification.operations.opining import give_opinion, prepare_opinion, sign_opinion
from reporting.verification.operations.reading import (
    READ,
    TAKEN,
    record_download,
    record_reads,
    take_evidence,
    take_reply_file,
)
from reporting.verification.operations.sampling import draw_sample, record_outcome

__all__ = [
    "READ",
    "TAKEN",
    "answer_finding",
    "answer_request",
    "ask",
    "ask_again",
    "close_finding",
    "close_request",
    "conclude_procedures",
    "declare_independence",
    "dismiss_later_fact",
    "draw_sample",
    "give_opinion",
    "open_engagement",
    "prepare_opinion",
    "raise_finding",
    "record_download",
    "record_outcome",
    "record_reads",
    "reopen_engagement",
    "send_finding_back",
    "set_team",
    "sign_opinion",
    "take_evidence",
    "take_reply_file",
    "tell_later_fact",
    "withdraw_engagement",
    "withdraw_finding",
    "withdraw_request",
]
