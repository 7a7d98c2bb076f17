"""Two verification bodies, each with an engagement in which everything has happened once."""

import io
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from django.utils import timezone

from ledger.kernel.actors import Actor, Role
from ledger.kernel.periods import Period
from reporting.inventories import operations as inventories
from reporting.parks import operations as parks
from reporting.verification import models, operations, queries
from reporting.verification.states import (
    AssuranceLevel,
    FindingKind,
    OpinionKind,
    SamplingMethod,
)
from tests.factories import people, populated
from tests.factories.banks import actor_of, officer
from tests.factories.certificates import verifiers_own

YEAR = Period.year(2025)
_number = count(1)


class Engaged:
    """An operator with a park and a frozen inventory, and its verifier at work."""

    def __init__(self) -> None:
        self.at = timezone.now()
        number = next(_number)
        self.operator = people.make_party(name_zh=f"园区公司{number}")
        self.body = people.make_party(kind="VERIFIER", name_zh=f"核查机构{number}")
        self.user = officer(self.body.pk, role="VERIFIER")
        self.manager_user = officer(self.operator.pk, role="CARBON_MANAGER", totp=False)
        self.verifier = actor_of(self.user, self.body.pk)
        self.manager = actor_of(self.manager_user, self.operator.pk)
        self.park = parks.register_park(
            code=f"P{number}", name_zh=f"秘密园区{number}", province="330000", by=self.manager,
            at=self.at,
        )  # fmt: skip
        self.frozen = self.freeze(number)
        self.engagement_id = self.engage()
        self.declare()
        self._work()

    def freeze(self, number: int) -> Any:
        built = inventories.build_from_gases(
            park_id=self.park.id,
            period=YEAR,
            gwp_set="AR5",
            tonnes={"CO2": Decimal(70_000 + number), "CH4": Decimal(3)},
            source="measured",
            by=self.manager,
            at=self.at,
        )
        return inventories.freeze_inventory(inventory_id=built.id, by=self.manager, at=self.at)

    def engage(self, level: AssuranceLevel = AssuranceLevel.LIMITED) -> UUID:
        return operations.open_engagement(
            park_id=self.park.id,
            period=YEAR,
            verifier_id=self.body.pk,
            criteria="ISO 14064-1:2018",
            level=level,
            scope="全部",
            by=self.manager,
            at=self.at,
        )

    def declare(self) -> None:
        operations.declare_independence(statement="无", **self.works)

    @property
    def works(self) -> dict[str, Any]:
        return {"engagement_id": self.engagement_id, "by": self.verifier, "at": self.at}

    def _work(self) -> None:
        sample_id = operations.draw_sample(
            content_hash=self.frozen.content_hash,
            method=SamplingMethod.RANDOM,
            size=1,
            seed="0" * 32,
            reason="试",
            **self.works,
        )
        self.sample = models.Sample.objects.get(pk=sample_id)
        self.item = self.sample.items.get()
        asked = operations.ask(text="照片", item_id=self.item.pk, **self.works)
        self.request = models.Request.objects.get(pk=asked)
        reply = operations.answer_request(
            request_id=asked,
            text="见附件",
            attachments=[("photo.txt", io.BytesIO(f"photo {self.park.code}".encode()))],
            by=self.manager,
            at=self.at,
        )
        self.file_id = UUID(models.Reply.objects.get(pk=reply).files[0][0])
        found = operations.raise_finding(
            kind=FindingKind.MISSTATEMENT, text="抄表", effect_tco2e=Decimal(7), **self.works
        )
        self.finding = models.Finding.objects.get(pk=found)

    def settle(self) -> None:
        """Everything answered and closed."""
        moment: dict[str, Any] = {"by": self.verifier, "at": self.at}
        operations.close_request(request_id=self.request.pk, **moment)
        operations.answer_finding(
            finding_id=self.finding.pk, answer="是", by=self.manager, at=self.at
        )
        operations.close_finding(
            finding_id=self.finding.pk, is_corrected=False, conclusion="可", **moment
        )

    def prepare(self) -> models.OpinionDraft:
        key = operations.prepare_opinion(
            kind=OpinionKind.UNMODIFIED,
            content_hash=self.frozen.content_hash,
            text="公允",
            **self.works,
        )
        return queries.get_draft(key, self.verifier)

    def conclude(self) -> models.Opinion:
        """Settled, prepared, signed; and a fact told afterwards."""
        self.settle()
        self.draft = self.prepare()
        view = operations.sign_opinion(
            draft_id=self.draft.pk,
            signature=verifiers_own(self.at).sign(self.draft.statement.encode()),
            by=self.verifier,
            at=self.at,
        )
        self.opinion = models.Opinion.objects.get(pk=view.id)
        fact = operations.tell_later_fact(
            engagement_id=self.engagement_id, text="后来", by=self.manager, at=self.at
        )
        self.fact = models.LaterFact.objects.get(pk=fact)
        return self.opinion

    @property
    def ids(self) -> dict[str, UUID]:
        """Everything of it that has an address."""
        return {
            "engagement": self.engagement_id,
            "frozen": self.frozen.id,
            "sample": self.sample.pk,
            "item": self.item.pk,
            "request": self.request.pk,
            "file": self.file_id,
            "finding": self.finding.pk,
            "draft": self.draft.pk,
            "opinion": self.opinion.pk,
            "fact": self.fact.pk,
            "park": self.park.id,
        }


class TwoBodies:
    """Mine is concluded, and so is the other's, of which I may know nothing."""

    def __init__(self) -> None:
        populated._parameters()
        populated._factors()
        self.mine, self.theirs = Engaged(), Engaged()
        self.mine.conclude()
        self.theirs.conclude()

    @property
    def canaries(self) -> list[str]:
        """What must stand on no page of mine."""
        theirs = self.theirs
        return [
            theirs.park.name_zh, theirs.operator.name_zh,
            theirs.body.name_zh, theirs.frozen.content_hash, *map(str, theirs.ids.values()),
        ]  # fmt: skip


def second_of(engaged: Engaged) -> Actor:
    """A colleague at the same body."""
    user = officer(engaged.body.pk, role=Role.VERIFIER.value)
    return actor_of(user, engaged.body.pk)
