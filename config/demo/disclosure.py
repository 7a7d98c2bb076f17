"""From the checked year to a verified inventory: built, frozen, questioned, given an opinion."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.demo import verifying
from config.demo.people import Cast
from ledger.kernel.periods import Period
from reporting.inventories import operations as inventories
from reporting.inventories.states import Consolidation
from reporting.verification import operations as verification
from reporting.verification.states import AssuranceLevel, FindingKind

SIGNIFICANCE = (
    "类别 1 与类别 2 全部量化；类别 3 至 6 的显著性按规模、可影响程度与数据可得性评估，"
    "显著且数据可得的已量化，其余说明理由。\n"
    "Categories 1 and 2 are quantified in full; categories 3 to 6 were weighed by size, influence "
    "and availability of data: what is significant and known is quantified, the rest has a reason."
)
EXCLUSION = {
    "what": "售出产品的使用与报废 / use and end of life of sold products",
    "reason": "数据尚在建立 / data are still being established",
}


def load(
    *,
    park_id: UUID,
    year: int,
    cast: Cast,
    at: datetime,
    judged: Sequence[Mapping[str, Any]] = (),
    denominators: Sequence[Mapping[str, str]] = (),
) -> UUID:
    """The id of the frozen inventory, with its opinion."""
    manager, verifier = cast.actors["CARBON_MANAGER"], cast.actors["VERIFIER"]
    period = Period.year(year)
    inventory = inventories.build_inventory(
        park_id=park_id,
        period=period,
        consolidation=Consolidation.OPERATIONAL_CONTROL,
        gwp_set="AR6",
        significance=SIGNIFICANCE,
        exclusions=[EXCLUSION],
        significance_by_part=judged,
        denominators=denominators,
        by=manager,
        at=at,
    )
    frozen = inventories.freeze_inventory(inventory_id=inventory.id, by=manager, at=at)
    engagement_id = verification.open_engagement(
        park_id=park_id,
        period=period,
        verifier_id=cast.parties["verifier"],
        accreditation="CNAS V000-DEMO（演示 / demonstration）",
        criteria="ISO 14064-1:2018; ISO 14064-3:2019",
        level=AssuranceLevel.REASONABLE,
        scope="类别 1、类别 2 / categories 1 and 2",
        by=manager,
        at=at,
    )
    verification.declare_independence(
        engagement_id=engagement_id,
        statement="与被核查方无利益关系。 / No interest in the operator.",
        by=verifier,
        at=at,
    )
    finding_id = verification.raise_finding(
        engagement_id=engagement_id,
        kind=FindingKind.NONCONFORMITY,
        text="6 月燃气发票缺少抄表照片。 / The June gas bill lacks the meter photograph.",
        effect_tco2e=Decimal(0),
        by=verifier,
        at=at,
    )
    verification.answer_finding(
        finding_id=finding_id,
        answer="已补充照片。 / The photograph was added.",
        by=manager,
        at=at,
    )
    verification.close_finding(
        finding_id=finding_id,
        is_corrected=True,
        conclusion="已见照片，关闭。 / The photograph was seen; closed.",
        by=verifier,
        at=at,
    )
    verifying.sign(
        engagement_id,
        content_hash=frozen.content_hash,
        text="在所有重要方面公允反映。 / Presents fairly, in all material respects.",
        by=verifier,
        at=at,
    )
    verifying.load_half_way(
        park_id=park_id, period=period, content_hash=frozen.content_hash, cast=cast, at=at
    )
    return frozen.id
