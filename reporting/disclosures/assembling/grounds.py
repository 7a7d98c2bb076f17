"""What the figures stand on: factors, warming potentials, uncertainty, flags."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reporting.disclosures.assembling.carriers import carrier_name
from reporting.disclosures.assembling.wording import Row, grouped, part_name, same, words

UNVERIFIED = "C"
FLAGS = {
    "factor_fallback": ("邻近年份或地区的因子", "Factor of another year or region"),
    "factor_unverified": ("未经核实的数值 [C]", "Unverified value [C]"),
    "no_residual_mix": ("无剩余电力组合因子", "No residual mix factor"),
    "claim_not_usable": ("未采用的声明", "Claim not used"),
    "claim_beyond_consumption": ("声明超出用电量", "Claim beyond consumption"),
    "claim_of_another_park": ("声明已用于另一园区", "Claim of another park"),
    "claim_not_checked": ("质量准则尚未全部核对", "Quality criteria not all checked"),
    "sold_certificates_differ": ("已转出证书与填报值不符", "Certificates passed on: two figures"),
}
ABOUT = {
    "no_residual_mix": (
        "没有公布的剩余电力组合因子，以电网平均因子代替。",
        "No residual mix is published; the grid average stands in.",
    ),
    "claim_not_usable": (
        "{ids}：八项范围二质量准则中第 {criteria} 项为“否”，其电量计入下一级。",
        "{ids}: of the eight Scope 2 quality criteria, {criteria} answered no; the power falls to"
        " the next rung.",
    ),
    "claim_beyond_consumption": (
        "{ids}：超出可覆盖的用电量；超出部分未采用，不产生负排放。",
        "{ids}: beyond the power that may be covered; the excess is not used and gives no negative"
        " emissions.",
    ),
    "claim_of_another_park": (
        "{ids}：另一园区已冻结的清单已采用；一份声明只服务一个园区，此处不再计入。",
        "{ids}: used by the frozen inventory of another park; a claim serves one park, so it does"
        " not count here.",
    ),
    "claim_not_checked": (
        "{ids}：八项范围二质量准则中第 {criteria} 项尚未核对。",
        "{ids}: of the eight Scope 2 quality criteria, {criteria} not yet checked.",
    ),
}
# A flag about claims, and the answer to the quality criteria that raised it.
ANSWERS = {"claim_not_usable": "NO", "claim_not_checked": "NOT_CHECKED"}
CRITERIA = 8
MOST_NAMED = 3  # the table of instruments names them all
REGIONS = {
    "CN": ("全国", "the nation"),
    "NORTH": ("华北电网", "the North grid"),
    "NORTHEAST": ("东北电网", "the Northeast grid"),
    "EAST": ("华东电网", "the East grid"),
    "CENTRAL": ("华中电网", "the Central grid"),
    "NORTHWEST": ("西北电网", "the Northwest grid"),
    "SOUTH": ("南方电网", "the South grid"),
    "SOUTHWEST": ("西南电网", "the Southwest grid"),
}
SOURCES = {
    "composition by mass": ("混合工质的质量组成", "composition by mass"),
    "measured": ("实测", "measured"),
}
GWP_SOURCE = ("IPCC 评估报告，100年时间尺度", "IPCC assessment report, 100-year horizon")


def factors_used(result: Row, park: Row) -> dict[str, dict[str, Any]]:
    """The factor table, by id: value, source, year, confidence, uncertainty, what it stands for."""
    lines = list(reversed(result["lines"]))
    sources = {one["code"]: one for one in park["sources"]}
    used = {line["factor"]: sources.get(line["source"]) for line in lines}
    part_of = {line["factor"]: line["subcategory"] for line in lines}
    half_widths = {one["subcategory"]: one["factor"] for one in result["uncertainty"]["parts"]}
    return {
        one["id"]: {
            "number": number,
            "id": one["id"],
            "name": _factor_name(one, used.get(one["id"])),
            "gas": one["gas"],
            "value": one["value"],
            "unit": one["unit"],
            "source": words(SOURCES[one["source"]])
            if one["source"] in SOURCES
            else same(one["source"]),
            "confidence": one["confidence"],
            "is_unverified": one["confidence"] == UNVERIFIED,
            "uncertainty": half_widths.get(part_of.get(one["id"]), ""),
            "is_fallback": one["is_fallback"],
            "stands_in": _stands_in(one),
            "validity": str(one["year"] or ""),
            "digest": one["digest"],
        }
        for number, one in enumerate(result["factors"], 1)
    }


def _factor_name(factor: Row, source: Row | None) -> dict[str, str]:
    if factor["name_zh"] or factor["name_en"]:
        zh, en = factor["name_zh"], factor["name_en"]
        return {"zh": zh or en, "en": en or zh}
    if source is None:
        return same(factor["gas"])
    return carrier_name(str(source["carrier"] or source["kind"]))


def _stands_in(factor: Row) -> dict[str, str] | None:
    """What was asked for and what is used instead, both named (R4.1)."""
    zh, en = [], []
    if factor["asked_region"]:
        names = REGIONS.get(factor["region"], (factor["region"], factor["region"]))
        zh.append(f"{factor['asked_region']} 无公布值，采用{names[0]}")
        en.append(f"none is published for {factor['asked_region']}, that of {names[1]} is used")
    if factor["asked_year"]:
        zh.append(f"{factor['asked_year']} 年未公布，采用 {factor['year']} 年")
        en.append(f"none is published for {factor['asked_year']}, that of {factor['year']} is used")
    return {"zh": "；".join(zh), "en": "; ".join(en)} if zh else None


def warming_potentials(gwp: Row) -> dict[str, Any]:
    return {
        "set": gwp["name"],
        "source": words(GWP_SOURCE),
        "values": [
            {**one, "gwp": one["value"], "is_unverified": one["confidence"] == UNVERIFIED}
            for one in gwp["values"]
        ],
    }


def uncertainty(told: Row) -> dict[str, Any] | None:
    """Half-widths at 95 % by part and of the whole; None when no part was assessed."""
    if not told["parts"]:
        return None
    return {
        "rows": [
            {
                "name": part_name(one["subcategory"]),
                "activity": one["activity"],
                "factor": one["factor"],
                "ratio": one["combined"],
                "is_unverified": one["confidence"] == UNVERIFIED,
            }
            for one in told["parts"]
        ],
        "whole": told["whole"],
        "whole_together": told["whole_if_factors_err_together"],
        "not_assessed": [part_name(name) for name in told["not_assessed"]],
    }


def flags(result: Row, factors: Mapping[str, Row], sold: Row) -> list[dict[str, Any]]:
    """What a reader should know before using the figures; claims with the same flaw in one."""
    claims = {one["id"]: one for one in result["claims"]}
    of_factors = [_factor_flag(one, factors) for one in result["flags"] if one["code"] not in ABOUT]
    by_flaw = grouped(
        (one for one in result["flags"] if one["code"] in ABOUT),
        lambda one: (one["code"], _criteria(one["code"], claims.get(one["id"]))),
    )
    of_claims = [
        _claim_flag(code, criteria, [one["id"] for one in rows])
        for (code, criteria), rows in by_flaw.items()
    ]
    return [*of_factors, *of_claims, *_sold_certificates(sold)]


def _criteria(code: str, claim: Row | None) -> tuple[int, ...]:
    """The numbers of the quality criteria that a flag is about (R5.8)."""
    if claim is None or code not in ANSWERS:
        return ()
    answers = claim["answers"]
    return tuple(
        number
        for number in range(1, CRITERIA + 1)
        if answers.get(str(number), "NOT_CHECKED") == ANSWERS[code]
    )


def _claim_flag(code: str, criteria: Sequence[int], ids: Sequence[str]) -> dict[str, Any]:
    numbers = [str(number) for number in criteria]
    first, more = list(ids[:MOST_NAMED]), len(ids) > MOST_NAMED
    zh = "声明 " + "、".join(first) + (f" 等 {len(ids)} 份" if more else "")
    en = ("Claims " if len(ids) > 1 else "Claim ") + ", ".join(first)
    en += f" and {len(ids) - MOST_NAMED} more" if more else ""
    said = words(
        (
            ABOUT[code][0].format(ids=zh, criteria="、".join(numbers)),
            ABOUT[code][1].format(ids=en, criteria=_listed(numbers)),
        )
    )
    return {"code": code, "name": words(FLAGS[code]), "text": said}


def _listed(numbers: Sequence[str]) -> str:
    verb = "is" if len(numbers) == 1 else "are"
    return f"number {', '.join(numbers)} {verb}"


def _factor_flag(flag: Row, factors: Mapping[str, Row]) -> dict[str, Any]:
    name = words(FLAGS[flag["code"]])
    return {"code": flag["code"], "name": name, "text": _about(flag, factors)}


def _about(flag: Row, factors: Mapping[str, Row]) -> dict[str, str]:
    factor = factors.get(flag["id"])
    if factor is None:
        return same(flag["about"])
    name, number = factor["name"], f" [{factor['number']}]"
    stands_in = factor["stands_in"] if flag["code"] == "factor_fallback" else None
    if stands_in is None:
        gas = factor["gas"]
        return {"zh": f"{name['zh']}（{gas}）{number}", "en": f"{name['en']} ({gas}){number}"}
    return {
        "zh": f"{name['zh']}{number}：{stands_in['zh']}。",
        "en": f"{name['en']}{number}: {stands_in['en']}.",
    }


def _sold_certificates(sold: Row) -> Sequence[dict[str, Any]]:
    """The operator says how many certificates of own use were sold; the ledger knows an upper end.

    It cannot tell which of a plant's MWh were used and which were fed in, so it does not correct.
    """
    if not sold or Decimal(sold["ledger_mwh"]) <= Decimal(sold["entered_mwh"]):
        return []
    code = "sold_certificates_differ"
    text = (
        "账本显示自有电站 {ledger_mwh} MWh 的证书已转给他人，"
        "填报的自发自用部分为 {entered_mwh} MWh；超出部分应为上网电量的证书。",
        "By the ledger, certificates for {ledger_mwh} MWh of own plants are with others, and"
        " {entered_mwh} MWh of own use were entered; the rest must belong to power fed into the"
        " grid.",
    )
    said = words((text[0].format(**sold), text[1].format(**sold)))
    return [{"code": code, "name": words(FLAGS[code]), "text": said}]
