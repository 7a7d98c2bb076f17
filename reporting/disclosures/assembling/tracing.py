"""Where every figure comes from, and the instruments behind the market-based side."""

from collections.abc import Sequence
from typing import Any

from reporting.disclosures.assembling.wording import Row, same

RUNGS = {
    "CERTIFICATE": ("已声明证书", "claimed certificates"),
    "DIRECT_SUPPLY": ("直供合同", "direct supply"),
    "SELF_GENERATED": ("自发自用", "own generation"),
    "RESIDUAL_MIX": ("剩余电力组合", "residual mix"),
    "GRID_AVERAGE": ("电网平均", "grid average"),
}


def instrument(claim: Row) -> dict[str, Any]:
    return {
        "name": same(claim["instrument"]),
        "plant": same(claim["plant"]),
        "generated": f"{claim['generated_from']} – {claim['generated_to']}",
        "mwh": claim["mwh"],
        "used_mwh": claim["used_mwh"],
        "tco2e_per_mwh": "0",
        "claim_id": claim["id"],
        "entry_id": claim["entry"],
        "failed_criteria": claim["failed_criteria"],
    }


def lineage(lines: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "figure": str(line["category"]),
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
