"""An attestation in words: what is stated, what proves it, and what it is not."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from finance.pledges.states import PledgeState, Register
from ledger.audit.notes import parse_note
from reporting.documents.rendering import charts
from reporting.documents.rendering.security import Section, security_sections, word

BEIJING = ZoneInfo("Asia/Shanghai")
MOST_RANGES = 200  # on paper; all of them are in the file inside


def attestation_html(document: bytes, *, language: str) -> str:
    """The document before it is set in pages."""
    said = json.loads(document)
    source_hash = hashlib.sha256(document).hexdigest()
    with translation.override(language):
        return render_to_string(
            "reporting/documents/attestation/statement.html",
            {
                "s": said["statement"],
                "words": said["statement"]["words"]["zh" if language == "zh-hans" else "en"],
                "html_language": "zh-Hans" if language == "zh-hans" else "en",
                "title": _("Attestation of a pledge"),
                "sections": _sections(said, language),
                "source_hash": source_hash,
                "qr": charts.qr_picture(verify_address(source_hash)),
                "address": settings.VERIFY_ADDRESS,
            },
        )


def verify_address(source_hash: str) -> str:
    """Where the seal leads to; what stands behind '#' is sent to nobody."""
    return f"{settings.VERIFY_ADDRESS}/#s={source_hash}"


def _sections(document: Mapping[str, Any], language: str) -> list[Section]:
    told = document["statement"]
    return [
        Section(_("The pledge"), _filled(_pledge(told, language))),
        Section(_("The units"), _filled(_units(told)), _ranges_left(told)),
        Section(_("Reconciliation with the registry"), _filled(_reconciliation(told))),
        *security_sections(told, language),
        _events(document, language),
        Section(_("What proves it"), _filled(_proof(document, language))),
    ]


def _verbs() -> dict[str, str]:
    return {
        "hold.placed": _("units pledged in the ledger"),
        "hold.queued": _("waiting behind another pledge"),
        "hold.took_control": _("units came from the pledge before"),
        "hold.released": _("units released"),
        "hold.captured": _("units taken by enforcement"),
        "hold.lapsed": _("units free: the pledge lapsed"),
        "hold.renewed": _("order renewed"),
        "pledge.submitted": _("contract entered"),
        "pledge.moved": _("state of the contract changed"),
        "pledge.registered": _("registration recorded"),
        "pledge.part_reserved": _("units reserved for the pledge"),
        "pledge.part_moved": _("units of the pledge changed"),
        "pledge.decided": _("creditor consented"),
    }


def _events(document: Mapping[str, Any], language: str) -> Section:
    """What the log says of the pledge, each with its place there; oldest first."""
    proofs, words = document["proofs"], _verbs()
    told = sorted([proofs["pledge"], *proofs["events"]], key=lambda one: int(one["leaf_index"]))
    table = [
        [_moment(event["at"], language), _event_in_words(event, words), _count(one["leaf_index"])]
        for one in told
        for event in (json.loads(one["body"]),)
    ]
    headings = [_("Time"), _("What happened"), _("Event in the log")]
    return Section(_("Events of the pledge, each proved"), [], "", headings, table)


def _event_in_words(event: Mapping[str, Any], words: Mapping[str, str]) -> str:
    row, said = event["data"]["row"], words.get(event["verb"], event["verb"])
    if event["verb"] == "pledge.registered":
        return f"{said}: {word(Register, row['register'])} {row['number']}"
    if event["verb"] in {"pledge.moved", "pledge.submitted"}:
        return f"{said}: {word(PledgeState, row['state'])}"
    if "remaining_count" in row:
        return f"{said}: {_count(row['remaining_count'])}"
    if event["subject"].startswith("pledges.Part:"):
        return f"{said}: {row['scheme']} {row['vintage_year']}, {_count(row['unit_count'])}"
    return f"{said}: {row['number']}" if row.get("number") else said


def _filled(rows: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(name, str(text)) for name, text in rows if text not in {"", None}]


def _count(value: int) -> str:
    return str(number_format(value, use_l10n=True, force_grouping=True))


def _moment(text: str, language: str) -> str:
    at = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(BEIJING)
    locale = "zh_Hans_CN" if language == "zh-hans" else "en_GB"
    return str(format_datetime(at, "yyyy-MM-dd HH:mm:ss", locale=locale)) + " (UTC+8)"


def _party(told: Mapping[str, Any], language: str) -> str:
    names = [told["name_zh"], told["name_en"]]
    name = next((one for one in (names if language == "zh-hans" else names[::-1]) if one), "")
    return " · ".join(part for part in (name, told["uscc"]) if part) or told["id"]


def _pledge(told: Mapping[str, Any], language: str) -> list[tuple[str, Any]]:
    pledge = told["pledge"]
    return [
        (_("Document number"), told["number"]),
        (_("Issued at"), _moment(told["issued_at"], language)),
        (_("Pledge in the ledger"), pledge["id"]),
        (_("Creditor"), _party(told["creditor"], language)),
        (_("Pledgor"), _party(told["pledgor"], language)),
        (_("Account"), f"{told['account']['registry']} {told['account']['number']}"),
        (_("Rank"), pledge["rank"]),
        (_("Entered in the ledger"), _moment(pledge["placed_at"], language)),
        (_("Order or document"), pledge["order_number"]),
        (_("Ends on"), pledge["expires_on"]),
        (_("Units pledged at first"), _count(pledge["unit_count"])),
        (
            _("Units pledged now"),
            f"{_count(pledge['controlled_count'])} {told['units']['measure']}",
        ),
    ]


def _units(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    ranges = "; ".join(f"{first}–{last}" for first, last in told["ranges"][:MOST_RANGES])
    has_serials = bool(told["units"]["serials"])
    return [
        (_("Instrument"), f"{told['units']['scheme']} {told['units']['vintage_year']}"),
        (_("Lot"), told["pledge"]["lot"]),
        (_("Serial space"), told["units"]["serials"]),
        (_("Serial numbers") if has_serials else _("Places in the book"), ranges),
        (_("Book"), told["book"]),
        (_("Issued in this book"), _count(told["issued_units"])),
    ]


def _ranges_left(told: Mapping[str, Any]) -> str:
    left = len(told["ranges"]) - MOST_RANGES
    if left > 0:
        return _("%(count)s more ranges are in the file inside.") % {"count": left}
    return ""


def _statuses() -> dict[str, str]:
    return {
        "NONE": _("no statement of the registry has been held against the books"),
        "AGREES": _("no open difference in this vintage"),
        "DIFFERS": _("there are open differences in this vintage"),
    }


def _reconciliation(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found = told["reconciliation"]
    overrides = [
        f"{one['valid_from']} – {one['expires_on']}: {one['reason']}" for one in found["overrides"]
    ]
    return [
        (_("Result"), _statuses()[found["status"]]),
        (_("Day of the statement"), found["statement_on"]),
        (_("SHA-256 of the statement"), found["statement_sha256"]),
        (_("Open differences"), found["open_breaks"]),
        (_("Blocks lifted by two persons"), "; ".join(overrides) or _("none")),
    ]


def _proof(document: Mapping[str, Any], language: str) -> list[tuple[str, Any]]:
    told, proofs = document["statement"], document["proofs"]
    origin, size, root = told["checkpoint"].split("\n")[:3]
    before = told["supersedes"]
    signed = [one.name for one in parse_note(told["checkpoint"]).signatures]
    return [
        (_("Ledger"), origin),
        (_("Checkpoint over events"), _count(int(size))),
        (_("Root of the log"), root),
        (_("Cosigned by witnesses"), ", ".join(name for name in signed if name != origin)),
        (_("Event of the pledge"), _count(proofs["pledge"]["leaf_index"])),
        (_("State committed to"), _moment(told["committed_at"], language)),
        (_("Supersedes"), before and before["number"]),
        (_("Continues the checkpoint over events"), before and _count(before["size"])),
    ]
