"""The assessment: emissions by part, energy by carrier, the verdicts, and their canonical form."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ledger.kernel.quantities import WIDE
from reporting.indicators.engine.values import Flow, Inputs, mwh
from reporting.indicators.rules import verdicts
from reporting.indicators.rules.energy import ZERO, clean_share
from reporting.indicators.rules.verdicts import Core, Verdict
from reporting.indicators.states import EmissionPart, Indicator, Status

SCHEMA = "tanzhang.park-indicators/1"
KGCE_A_TCE = 1000
POWER_DIRECT, POWER_CERTIFIED, POWER_SELF, POWER_OTHER, POWER_SENT, POWER_SENT_GREEN = (
    "POWER_DIRECT",
    "POWER_CERTIFIED",
    "POWER_SELF",
    "POWER_OTHER",
    "POWER_SENT",
    "POWER_SENT_GREEN",
)


@dataclass(frozen=True, slots=True)
class Assessed:
    core: Core
    parts: Mapping[EmissionPart, Decimal]
    energy: Mapping[str, Decimal]  # tce by carrier
    verdicts: list[Verdict]
    flows: list[Flow]


def assess(inputs: Inputs) -> Assessed:
    """How the park stands.

    :raises NothingUsed: a park that used no energy has no intensity
    """
    flows = [*inputs.flows, *_power_flows(inputs)]
    parts = {part: _sum(flow.tco2 for flow in flows if flow.part is part) for part in EmissionPart}
    energy = _energy(inputs)
    found = verdicts.core(
        tco2=_sum(parts.values()), tce=_sum(energy.values()), tiers=inputs.method.tiers
    )
    return Assessed(found, parts, energy, _verdicts(inputs, energy), flows)


def _sum(values: Any) -> Decimal:
    return sum(values, ZERO)


def _power_flows(inputs: Inputs) -> list[Flow]:
    """R1.25: directly supplied and certified power is at zero; it stands there to be seen."""
    power, each = inputs.power, inputs.method.other_power
    told = (
        (POWER_DIRECT, power.direct, ZERO, 1),
        (POWER_CERTIFIED, power.certified, ZERO, 1),
        (POWER_OTHER, power.other, each, 1),
        (POWER_SENT_GREEN, power.sent_green, ZERO, -1),
        (POWER_SENT, power.sent_fossil, each, -1),
    )
    return [
        Flow(
            EmissionPart.POWER, "", carrier, mwh(amount), factor,
            factor_id=inputs.method.other_power_id if factor else "", sign=sign,
        )
        for carrier, amount, factor, sign in told
        if amount
    ]  # fmt: skip


def _energy(inputs: Inputs) -> dict[str, Decimal]:
    """tce by carrier; electricity at its equivalent value, however it came (R1.11)."""
    found: dict[str, Decimal] = {}
    for flow in inputs.flows:
        if flow.tce is not None:
            before = found.get(flow.carrier, ZERO)
            found[flow.carrier] = WIDE.add(before, flow.tce * flow.sign)
    power = inputs.power
    each = WIDE.divide(inputs.method.kwh_kgce * 1000, Decimal(KGCE_A_TCE))  # tce per MWh
    told = {
        POWER_DIRECT: power.direct,
        POWER_CERTIFIED: power.certified,
        POWER_SELF: power.own,
        POWER_OTHER: power.other,
        POWER_SENT_GREEN: -power.sent_green,
        POWER_SENT: -power.sent_fossil,
    }
    return found | {name: WIDE.multiply(x, each) for name, x in told.items() if x}


def _verdicts(inputs: Inputs, energy: Mapping[str, Decimal]) -> list[Verdict]:
    method = inputs.method
    clean = _sum(tce for name, tce in energy.items() if name in method.clean)
    first = verdicts.judged(
        Indicator.CLEAN_ENERGY,
        value=clean_share(energy, method.clean),
        threshold=method.least[Indicator.CLEAN_ENERGY],
        part=clean,
        whole=_sum(energy.values()),
        excluded=inputs.excluded.get(Indicator.CLEAN_ENERGY, ""),
    )
    used = (Indicator.SOLID_WASTE, Indicator.WASTE_HEAT, Indicator.WATER_REUSE)
    return [first, _products(inputs), *(_used(inputs, one) for one in used), *_green(inputs)]


def _products(inputs: Inputs) -> Verdict:
    rows = inputs.used.get(Indicator.PRODUCT_ENERGY, ())
    return verdicts.judged(
        Indicator.PRODUCT_ENERGY,
        value=verdicts.within_quota(rows),
        threshold=Decimal(1),
        part=Decimal(sum(1 for row in rows if row.part <= row.whole)),
        whole=Decimal(len(rows)),
        excluded=inputs.excluded.get(Indicator.PRODUCT_ENERGY, ""),
    )


def _used(inputs: Inputs, indicator: Indicator) -> Verdict:
    value, part, whole = verdicts.used_of(inputs.used.get(indicator, ()))
    return verdicts.judged(
        indicator,
        value=value,
        threshold=inputs.method.least[indicator],
        part=part,
        whole=whole,
        excluded=inputs.excluded.get(indicator, ""),
    )


def _green(inputs: Inputs) -> list[Verdict]:
    """R1.26, R1.27: the two shares side by side; certificates never raise the first."""
    power, method = inputs.power, inputs.method
    direct = power.direct_share(own_counts=method.own_counts_as_direct)
    return [
        verdicts.judged(
            Indicator.DIRECT_SHARE,
            value=direct,
            threshold=method.least[Indicator.DIRECT_SHARE],
            part=power.direct + (power.own if method.own_counts_as_direct else ZERO),
            whole=power.consumed,
        ),
        Verdict(
            Indicator.CERTIFICATE_SHARE,
            Status.NO_DATA if power.certificate_share() is None else Status.SHOWN,
            power.certificate_share(),
            part=power.certified,
            whole=power.consumed,
        ),
    ]


def is_paper(found: Assessed) -> bool:
    """R1.27, 伪零碳: the core indicator is met, and directly supplied power misses its line."""
    direct = next(one for one in found.verdicts if one.indicator is Indicator.DIRECT_SHARE)
    return found.core.status is Status.MET and direct.status is Status.NOT_MET


# --- the canonical form


def text(number: Decimal) -> str:
    """A decimal without exponent and padding: one form for one number."""
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _told(number: Decimal | None) -> str | None:
    return None if number is None else text(number)


def content(inputs: Inputs, found: Assessed) -> dict[str, Any]:
    """Everything the assessment says, in canonical values."""
    flags = [*inputs.flags, *_weak(inputs, found)]
    return {
        "schema": SCHEMA,
        **({"inner_park": inputs.inner_park} if inputs.inner_park else {}),
        "core": _core(found.core),
        "parts_tco2": {part.value: text(tco2) for part, tco2 in found.parts.items()},
        "lines": [_line(flow) for flow in found.flows],
        "energy_tce": {name: text(tce) for name, tce in found.energy.items()},
        "power_mwh": _power(inputs),
        "verdicts": [_verdict(one) for one in found.verdicts],
        "memo": {"bunkers_tco2": text(inputs.bunkers_tco2)},
        "flags": [{"code": code, "about": about} for code, about in flags],
        "parameters": [
            {"key": one.key, "value": one.value, "id": one.id, "confidence": one.confidence}
            for one in inputs.method.rules
        ],
        "dataset_hash": inputs.dataset_hash,
        "data_state": inputs.data_state,
    }


def _weak(inputs: Inputs, found: Assessed) -> list[tuple[str, str]]:
    unverified = [("parameter_unverified", x.key) for x in inputs.method.rules if x.is_unverified]
    factors = sorted({flow.carrier for flow in found.flows if flow.is_unverified})
    paper = [("paper_zero_carbon", "")] if is_paper(found) else []
    unused = [("certificates_unused", text(inputs.power.unused_certificates))]
    return [
        *paper,
        *(unused if inputs.power.unused_certificates else []),
        *unverified,
        *(("factor_unverified", carrier) for carrier in factors),
    ]


def _core(one: Core) -> dict[str, Any]:
    return {
        "tco2": text(one.tco2),
        "tce": text(one.tce),
        "intensity": text(one.intensity),
        "threshold": _told(one.threshold),
        "status": one.status.value,
        "to_cut_tco2": text(one.to_cut_tco2),
    }


def _line(flow: Flow) -> dict[str, Any]:
    return {
        "part": flow.part.value,
        "source": flow.source,
        "carrier": flow.carrier,
        "amount": text(flow.quantity.amount),
        "unit": flow.quantity.measure.value,
        "factor": text(flow.factor),
        "factor_id": flow.factor_id,
        "factor_note": flow.factor_note,
        "direction": "IN" if flow.sign > 0 else "OUT",
        "tco2": text(flow.tco2),
        "tce": _told(flow.tce),
    }


def _power(inputs: Inputs) -> dict[str, str]:
    power = inputs.power
    return {
        **{kind.value: text(amount) for kind, amount in power.by_kind().items()},
        "consumed": text(power.consumed),
        "sent": text(power.sent),
        "unused_certificates": text(power.unused_certificates),
    }


def _verdict(one: Verdict) -> dict[str, Any]:
    return {
        "indicator": one.indicator.value,
        "status": one.status.value,
        "value": _told(one.value),
        "threshold": _told(one.threshold),
        "gap": _told(one.gap),
        "part": _told(one.part),
        "whole": _told(one.whole),
        "reason": one.reason,
    }
