"""A statement as plain content for a document, and who renders it: filled in by upper rooms."""

from collections.abc import Callable, Mapping
from typing import Any

from finance.ppas.models import Settlement
from finance.ppas.queries.contracts import party_names
from finance.ppas.queries.metering import points_by_id
from finance.ppas.rules.quantities import mwh
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_, DomainError

# Filled in by config/wiring.py: (content, language) → PDF; links of upper rooms for a statement.
renderers: list[Callable[..., bytes]] = []
more_links: list[Callable[[Settlement, Actor], list[tuple[str, str]]]] = []


class NoRenderer(DomainError):
    code = "no_renderer"
    message = N_("Documents are not available here.")


def render(row: Settlement, *, language: str) -> bytes:
    """The statement as a PDF for both sides; the same statement, the same bytes.

    :raises NoRenderer: nobody renders documents in this process
    """
    for renderer in renderers:
        return renderer(statement_content(row), language=language)
    raise NoRenderer


def statement_content(row: Settlement) -> Mapping[str, Any]:
    """Everything that the document says, in plain values. Nothing of it changes afterwards but the
    certificates that were delivered since, which it does not tell.
    """
    contract, (seller, buyer) = row.contract, party_names(row.contract)
    meters = list(row.points.all())
    points = points_by_id([one.point_id for one in meters])
    found = row.lines.select_related("price", "rule").order_by("position")
    return {
        "number": f"{contract.number}-{row.month:%Y%m}-V{row.version}",
        "contract": {
            "number": contract.number,
            "title": contract.title,
            "kind": contract.kind,
            "quantity_rule": contract.quantity_rule,
            "matching": contract.matching,
            "is_bundled": contract.is_bundled,
        },
        "seller": seller,
        "buyer": buyer,
        "month": f"{row.month:%Y-%m}",
        "version": row.version,
        "kind": row.kind,
        "settled_at": row.settled_at.isoformat(),
        "content_hash": row.content_hash,
        "reason": row.reason,
        "missing_count": row.missing_count,
        "energy_mwh": {
            name: f"{mwh(getattr(row, f'{name}_wh')).normalize():f}"
            for name in (
                "contracted", "generated", "consumed", "delivered", "settled", "seller_short",
                "buyer_short", "surplus", "make_good", "carried_in", "carried_out",
            )
        },
        "certificate_count": row.certificate_count,
        "lines": [
            {
                "kind": line.kind,
                "tariff": line.tariff,
                "energy_mwh": f"{mwh(line.energy_wh).normalize():f}",
                "cny_per_kwh": f"{line.cny_per_kwh.normalize():f}",
                "amount_cny": f"{line.amount_cny:.2f}",
                "payer": line.payer,
                "payee": line.payee,
                "basis": line.price.basis if line.price else line.rule.basis if line.rule else "",
            }
            for line in found
        ],
        "payments_cny": {
            "buyer_pays": f"{row.buyer_pays_cny:.2f}",
            "seller_gets": f"{row.seller_gets_cny:.2f}",
            "grid_gets": f"{row.grid_gets_cny:.2f}",
            "treasury_gets": f"{row.treasury_gets_cny:.2f}",
        },
        "meters": [
            {
                "point": str(points[one.point_id]),
                "side": points[one.point_id].side,
                "metered_mwh": f"{mwh(one.metered_wh).normalize():f}",
                "share_bps": one.share_bps,
                "settled_mwh": f"{mwh(one.settled_wh).normalize():f}",
            }
            for one in sorted(meters, key=lambda one: str(points[one.point_id]))
        ],
    }  # fmt: skip
