"""What a verifier's work is kept in."""

from reporting.verification.models.asking import Reply, Request, RequestStateChoice
from reporting.verification.models.engagements import (
    Declaration,
    Engagement,
    EngagementStateChoice,
    LevelChoice,
)
from reporting.verification.models.findings import Finding, FindingKindChoice, FindingStateChoice
from reporting.verification.models.opinions import (
    DraftStateChoice,
    FactStateChoice,
    LaterFact,
    Opinion,
    OpinionDraft,
    OpinionKindChoice,
    OpinionSignature,
)
from reporting.verification.models.sampling import (
    MethodChoice,
    OutcomeChoice,
    Sample,
    SampleItem,
)

__all__ = [
    "Declaration",
    "DraftStateChoice",
    "Engagement",
    "EngagementStateChoice",
    "FactStateChoice",
    "Finding",
    "FindingKindChoice",
    "FindingStateChoice",
    "LaterFact",
    "LevelChoice",
    "MethodChoice",
    "Opinion",
    "OpinionDraft",
    "OpinionKindChoice",
    "OpinionSignature",
    "OutcomeChoice",
    "Reply",
    "Request",
    "RequestStateChoice",
    "Sample",
    "SampleItem",
]
