"""What the people of an engagement do, in one word each."""

from decimal import Decimal

from reporting.verification import operations, queries
from reporting.verification.states import (
    AssuranceLevel,
    FindingKind,
    OpinionKind,
    SamplingMethod,
)
from tests.factories.certificates import verifiers_own
from tests.reporting.inventories.conftest import NOON, YEAR

SEED = "0123456789abcdef0123456789abcdef"


def engage(park, body, manager, period=YEAR, **change):
    given = {
        "criteria": "ISO 14064-1:2018",
        "level": AssuranceLevel.LIMITED,
        "scope": "范围一与范围二",
    }
    return operations.open_engagement(
        park_id=park.id, period=period, verifier_id=body.pk, by=manager, at=NOON, **(given | change)
    )


def opine(engagement, frozen, verifier, kind=OpinionKind.UNMODIFIED, **change):
    given = {"content_hash": frozen.content_hash, "text": "未发现重大错报。"}
    return operations.give_opinion(
        engagement_id=engagement, kind=kind, by=verifier, at=NOON, **(given | change)
    )


def prepare(engagement, frozen, verifier, kind=OpinionKind.UNMODIFIED, **change):
    """The waiting statement, as its row."""
    given = {"content_hash": frozen.content_hash, "text": "未发现重大错报。"}
    key = operations.prepare_opinion(
        engagement_id=engagement, kind=kind, by=verifier, at=NOON, **(given | change)
    )
    return queries.get_draft(key, verifier)


def sign(draft, verifier, signer=None):
    signer = signer or verifiers_own(NOON)
    return operations.sign_opinion(
        draft_id=draft.pk, signature=signer.sign(draft.statement.encode()), by=verifier, at=NOON
    )


def find(engagement, verifier, effect="10", kind=FindingKind.MISSTATEMENT):
    return operations.raise_finding(
        engagement_id=engagement,
        kind=kind,
        text="抄表错误",
        effect_tco2e=Decimal(effect),
        by=verifier,
        at=NOON,
    )


def settle(finding, manager, verifier, is_corrected=False):
    operations.answer_finding(finding_id=finding, answer="已说明", by=manager, at=NOON)
    operations.close_finding(
        finding_id=finding, is_corrected=is_corrected, conclusion="接受", by=verifier, at=NOON
    )


def draw(engagement, frozen, verifier, method=SamplingMethod.WEIGHTED, **change):
    given = {"content_hash": frozen.content_hash, "size": 6, "seed": SEED, "reason": "大额优先"}
    return operations.draw_sample(
        engagement_id=engagement, method=method, by=verifier, at=NOON, **(given | change)
    )


def ask(engagement, verifier, text="请提供抄表照片", **more):
    return operations.ask(engagement_id=engagement, text=text, by=verifier, at=NOON, **more)
