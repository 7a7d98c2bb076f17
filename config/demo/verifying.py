"""A signed opinion, and an engagement half-way: sampled, asked, found, not yet concluded."""

import io
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from config.demo.people import Cast
from ledger.kernel.actors import Actor
from ledger.kernel.periods import Period
from reporting.verification import operations, queries
from reporting.verification.states import (
    AssuranceLevel,
    FindingKind,
    OpinionKind,
    Outcome,
    SamplingMethod,
)

SEED = "6b2f0e1d4c3a59788796a5b4c3d2e1f0"
ROWS = 8
LASTS = timedelta(days=365)


def sign(engagement_id: UUID, *, content_hash: str, text: str, by: Actor, at: datetime) -> None:
    """Prepare the opinion and sign it with a certificate that is made for this and thrown away."""
    draft_id = operations.prepare_opinion(
        engagement_id=engagement_id,
        kind=OpinionKind.UNMODIFIED,
        content_hash=content_hash,
        text=text,
        by=by,
        at=at,
    )
    statement = queries.get_draft(draft_id, by).statement.encode()
    operations.sign_opinion(draft_id=draft_id, signature=_signed(statement, at), by=by, at=at)


def _signed(statement: bytes, at: datetime) -> bytes:
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("核查机构根证书 DEMONSTRATION", root_key, root_key, at)
    mine = _certificate("方核 DEMONSTRATION", key, root_key, at, above=root.subject)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(statement)
    builder = builder.add_signer(mine, key, hashes.SHA256()).add_certificate(root)
    options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature]
    return builder.sign(serialization.Encoding.DER, options)


def _certificate(
    common: str, key: Any, signer: Any, at: datetime, *, above: x509.Name | None = None
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + LASTS)
        .add_extension(x509.BasicConstraints(ca=above is None, path_length=None), True)
    )
    return builder.sign(signer, hashes.SHA256())


def load_half_way(
    *, park_id: UUID, period: Period, content_hash: str, cast: Cast, at: datetime
) -> None:
    """The same inventory under the national park method: the verifier is in the middle of it."""
    manager, verifier = cast.actors["CARBON_MANAGER"], cast.actors["VERIFIER"]
    engagement_id = operations.open_engagement(
        park_id=park_id,
        period=period,
        verifier_id=cast.parties["verifier"],
        accreditation="CNAS V000-DEMO（演示 / demonstration）",
        criteria="发改环资〔2025〕910号",
        level=AssuranceLevel.LIMITED,
        scope="园区边界内能源活动 / energy within the boundary of the park",
        by=manager,
        at=at,
    )
    works: dict[str, Any] = {"engagement_id": engagement_id, "by": verifier, "at": at}
    operations.set_team(team=[], **works)
    operations.declare_independence(
        statement="与被核查方无利益关系。 / No interest in the operator.", **works
    )
    sample_id = operations.draw_sample(
        content_hash=content_hash,
        method=SamplingMethod.WEIGHTED,
        size=ROWS,
        seed=SEED,
        reason="排放大的月份先看。 / The large months first.",
        **works,
    )
    _look_at(sample_id, verifier, at)
    _talk(works, manager, at)


def _look_at(sample_id: UUID, verifier: Actor, at: datetime) -> None:
    """The first rows agree, the third differs; the others wait."""
    items = list(queries.get_sample(sample_id, verifier).items.all()[:3])
    moment: dict[str, Any] = {"by": verifier, "at": at}
    for item in items[:2]:
        operations.record_outcome(item_id=item.pk, outcome=Outcome.AGREES, note="", **moment)
    for item in items[2:]:
        operations.record_outcome(
            item_id=item.pk,
            outcome=Outcome.DIFFERS,
            note="抄表读数少一位小数。 / One decimal of the reading is missing.",
            difference_tco2e=Decimal("1.85"),
            **moment,
        )


def _talk(works: dict[str, Any], manager: Actor, at: datetime) -> None:
    """One request is answered with a file, one waits; one finding waits for its answer."""
    answered = operations.ask(
        text="请提供总表 6 月抄表照片。 / Please give the photograph of the main meter in June.",
        **works,
    )
    photo = "总表 6 月读数 / main meter, June\n".encode()
    operations.answer_request(
        request_id=answered,
        text="见附件。 / Attached.",
        attachments=[("main-meter-june.txt", io.BytesIO(photo))],
        by=manager,
        at=at,
    )
    operations.ask(
        text="请提供电表检定证书。 / Please give the calibration certificate of the meters.",
        due_on=(at + timedelta(days=14)).date(),
        **works,
    )
    operations.raise_finding(
        kind=FindingKind.MISSTATEMENT,
        text="一个月的抄表读数少一位小数。 / One decimal of a month's reading is missing.",
        effect_tco2e=Decimal("1.85"),
        **works,
    )
