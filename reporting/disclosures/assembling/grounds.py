"""What the figures stand on: factors, warming potentials, flags."""

from collections.abc import Sequence
from typing import Any

from reporting.disclosures.assembling.wording import Row, same, words

FLAGS = {
    "factor_fallback": ("邻近年份或地区的因子", "Factor of another year or region"),
    "factor_unverified": ("未经核实的数值 [C]", "Unverified value [C]"),
    "no_residual_mix": ("无剩余电力组合因子", "No residual mix factor"),
}
GWP_SOURCE = ("IPCC 评估报告，100年时间尺度", "IPCC assessment report, 100-year horizon")


def factors_used(
    factors: Sequence[Row], park: Row, lines: Sequence[Row]
) -> dict[str, dict[str, Any]]:
    sources = {one["code"]: one for one in park["sources"]}
    used = {line["factor"]: sources.get(line["source"]) for line in reversed(lines)}
    return {
        one["id"]: {
            "number": number,
            "id": one["id"],
            "name": same(_factor_name(one, used.get(one["id"]))),
            "gas": one["gas"],
            "value": one["value"],
            "unit": one["unit"],
            "source": same(one["source"]),
            "confidence": one.get("confidence", ""),
            "is_fallback": one["is_fallback"],
            "validity": str(one["year"] or ""),
            "digest": one["digest"],
        }
        for number, one in enumerate(factors, 1)
    }


def _factor_name(factor: Row, source: Row | None) -> str:
    if source is None:
        return str(factor["note"] or factor["gas"])
    return str(source["carrier"] or source["kind"]).replace("_", " ").lower()


def warming_potentials(gwp: Row) -> dict[str, Any]:
    return {
        "set": gwp["name"],
        "source": words(GWP_SOURCE),
        "values": [{**one, "gwp": one["value"]} for one in gwp["values"]],
    }


def flag_words(flag: Row) -> dict[str, Any]:
    known = FLAGS.get(flag["code"])
    name = words(known) if known else same(flag["code"].replace("_", " "))
    return {"code": flag["code"], "name": name, "text": same(flag["about"])}
