"""Where every figure comes from, and the instruments that stand beside the figures."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from reporting.disclosures.assembling.wording import OPERATOR, Row, name_of, same, words

RUNGS = {
    "CERTIFICATE": ("已声明证书", "claimed certificates"),
    "DIRECT_SUPPLY": ("直供合同", "direct supply"),
    "SELF_GENERATED": ("自发自用", "own generation"),
    "RESIDUAL_MIX": ("剩余电力组合", "residual mix"),
    "GRID_AVERAGE": ("电网平均", "grid average"),
}


INSTRUMENTS = {
    "GEC": ("绿色电力证书（GEC）", "Green electricity certificate (GEC)"),
    "IREC": ("国际可再生能源证书（I-REC）", "International renewable energy certificate (I-REC)"),
    "PPA": ("购电协议（无证书）", "Power purchase agreement (no certificate)"),
}
USES = {
    "OFFSET": ("抵销剩余排放", "offsetting of residual emissions"),
    "CONTRIBUTION": ("自愿贡献", "voluntary contribution"),
    "RETIRED": ("注销，未声明用途", "retired, no use claimed"),
    "CANCELLED": ("取消，未声明用途", "cancelled, no use claimed"),
}
Names = Mapping[str, Mapping[str, str]]


def _holders(codes: Sequence[str], tenants: Names) -> dict[str, str]:
    """Who claimed: the tenants of these codes, or the operator."""
    names = [tenants[code] for code in codes if code in tenants] or [words(OPERATOR)]
    return {
        "zh": "、".join(one["zh"] for one in names),
        "en": ", ".join(one["en"] for one in names),
    }


def _days(first: str, end: str) -> str:
    """First and last day of a period that is stored with its end outside."""
    if not first or not end:
        return ""
    return f"{first} – {(date.fromisoformat(end) - timedelta(days=1)).isoformat()}"


def instrument(claim: Row, tenants: Names) -> dict[str, Any]:
    code = claim["instrument"]
    return {
        "name": words(INSTRUMENTS[code]) if code in INSTRUMENTS else same(code),
        "holder": _holders(claim["tenants"], tenants),
        "plant": {"zh": claim["plant"], "en": claim["plant_en"] or claim["plant"]},
        "generated": _days(claim["generated_from"], claim["generated_to"]),
        "mwh": claim["mwh"],
        "used_mwh": claim["used_mwh"],
        "tco2e_per_mwh": "0",
        "claim_id": claim["id"],
        "entry_id": claim["entry"],
        "failed_criteria": claim["failed_criteria"],
    }


def offset(credit: Row, tenants: Names) -> dict[str, Any]:
    """A credit used: what, how much, by whom, what for, and where the ledger says so."""
    name = name_of(credit)
    vintage = credit["vintage_year"]
    return {
        "name": {language: f"{text} {vintage}" for language, text in name.items()},
        "scheme": credit["scheme"],
        "vintage_year": vintage,
        "holder": _holders(credit["tenants"], tenants),
        "use": words(USES[credit["use"]]),
        "purpose": same(credit["purpose"]),
        "on": credit["on"],
        "tco2e": credit["tco2e"],
        "lot": credit["lot"],
        "claim_id": credit["claim"],
        "entry_id": credit["entry"],
    }


def lineage(lines: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "figure": str(line["category"]),
            "part": line["subcategory"],
            "source": line["source"],
            "month": line["activity_row"]["month"][:7],
            "gas": line["gas"],
            "tco2e": line["tco2e"],
            "formula": line["formula"],
            "activity": line["activity"],
            "activity_digest": line["activity_row"]["digest"],
            "factor": line["factor"],
            "factor_digest": line["factor_row"]["digest"],
            "claim": "",
        }
        for line in lines
    ]


def market_lineage(market: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "figure": "2 MB",
            "part": "IMPORTED_ELECTRICITY",
            "source": RUNGS.get(line["rung"], ("", line["rung"]))[1],
            "month": "",
            "gas": "CO2",
            "tco2e": line["tco2e"],
            "formula": f"{line['mwh']} MWh × {line['tco2e_per_mwh']} t/MWh",
            "activity": "",
            "activity_digest": "",
            "factor": line["factor"],
            "factor_digest": "",
            "claim": ", ".join(line["claims"]),
        }
        for line in market
    ]
