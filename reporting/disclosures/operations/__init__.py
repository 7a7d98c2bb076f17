"""Telling data points, freezing statements, and the register of projects."""

from reporting.disclosures.operations.freezing import (
    ISO14064_1,
    draft_statement,
    freeze_statement,
)
from reporting.disclosures.operations.registering import enter_project, tell_removal
from reporting.disclosures.operations.telling import comment_point, tell_point

__all__ = [
    "ISO14064_1",
    "comment_point",
    "draft_statement",
    "enter_project",
    "freeze_statement",
    "tell_point",
    "tell_removal",
]
