"""Acts on contracts that wait for a second pair of eyes; `config/wiring.py` registers them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.ppas import models, operations, queries
from finance.ppas.operations import DeviationTerm, MonthVolume, PriceTerm
from finance.ppas.queries.settlements import standing_by_month
from finance.ppas.rules.quantities import WH_PER_MWH
from finance.ppas.rules.terms import read_volumes
from finance.ppas.showing import words
from finance.ppas.states import DeviationOf, RuleKind
from ledger.accounts import queries as accounts
from ledger.kernel.actors import SYSTEM, Actor
from ledger.units import queries as units

Payload = Mapping[str, Any]
SIGN, AMEND = "ppas.sign_contract", "ppas.amend_contract"
FINALISE, ADJUST = "ppas.finalise_settlements", "ppas.adjust_settlement"
DELIVER, CLAIM = "ppas.deliver_certificates", "ppas.claim_power"
TITLES = {
    SIGN: gettext_lazy("Put in force"),
    AMEND: gettext_lazy("Amend the contract"),
    FINALISE: gettext_lazy("Make statements final"),
    ADJUST: gettext_lazy("Adjust a final statement"),
    DELIVER: gettext_lazy("Deliver certificates"),
    CLAIM: gettext_lazy("Claim the power"),
}


def _contract(payload: Payload) -> models.Contract:
    return queries.get_contract(UUID(payload["contract_id"]), by=SYSTEM)


def _month(text: str) -> date:
    return date.fromisoformat(text)


def _who(contract: models.Contract) -> dict[str, str]:
    seller, buyer = queries.party_names(contract)
    return {"contract": str(contract), "seller": seller, "buyer": buyer}


# --- putting in force


def sign(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    made = operations.sign_contract(
        contract_id=UUID(payload["contract_id"]), by=by, at=at, approval_id=approval_id
    )
    return {"contract": str(made.pk)}


def describe_sign(payload: Payload) -> list[str]:
    contract = _contract(payload)
    prices = [
        _("%(part)s: %(price)s CNY/kWh")
        % {
            "part": words.part_name(price.kind, price.tariff),
            "price": words.price(price.cny_per_kwh),
        }
        for price in queries.prices_in(contract.prices.all(), contract.valid_from)
    ]
    contracted = sum(one.energy_wh for one in queries.newest_volumes([contract.pk]).values())
    return [
        _("%(contract)s between %(seller)s and %(buyer)s comes into force.") % _who(contract),
        _("Contracted over its term: %(mwh)s MWh.") % {"mwh": words.energy(contracted)},
        _("Prices from the first month: %(prices)s.") % {"prices": "; ".join(prices)},
        _("From then on its terms change by an approved amendment alone."),
    ]


def fingerprint_sign(payload: Payload) -> Mapping[str, Any]:
    return queries.terms_row(_contract(payload))


# --- amending


def amendment(payload: Payload) -> dict[str, Any]:
    """The terms that a payload of plain values tells of."""
    found: dict[str, Any] = {}
    if price := payload.get("price"):
        found["price"] = PriceTerm(
            kind=price["kind"],
            cny_per_kwh=Decimal(price["cny_per_kwh"]),
            valid_from=_month(price["valid_from"]),
            basis=price["basis"],
            tariff=price.get("tariff", ""),
        )
    if rule := payload.get("rule"):
        amount = rule.get("cny_per_kwh")
        found["rule"] = DeviationTerm(
            of=rule["of"],
            kind=rule["kind"],
            valid_from=_month(rule["valid_from"]),
            basis=rule["basis"],
            rate_bps=int(rule.get("rate_bps") or 0),
            tolerance_bps=int(rule.get("tolerance_bps") or 0),
            cny_per_kwh=None if amount is None else Decimal(amount),
            is_unverified=bool(rule.get("is_unverified")),
        )
    if text := payload.get("volumes"):
        found["volumes"] = read_volumes(text)
    return found


def amend(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    made = operations.amend_contract(
        contract_id=UUID(payload["contract_id"]),
        by=by,
        at=at,
        approval_id=approval_id,
        **amendment(payload),
    )
    return {"contract": str(made.pk)}


def describe_amend(payload: Payload) -> list[str]:
    told = amendment(payload)
    said = [
        _("%(contract)s between %(seller)s and %(buyer)s is amended.") % _who(_contract(payload))
    ]
    if price := told.get("price"):
        said.append(describe_price(price))
    if rule := told.get("rule"):
        said.append(describe_rule(rule))
    if volumes := told.get("volumes"):
        said.append(describe_volumes(volumes))
    return [*said, _("What is settled finally stays; months that it touches are to be adjusted.")]


def describe_price(price: PriceTerm) -> str:
    return _("From %(month)s: %(part)s %(price)s CNY/kWh, by %(basis)s.") % {
        "month": f"{price.valid_from:%Y-%m}",
        "part": words.part_name(price.kind, price.tariff),
        "price": words.price(price.cny_per_kwh),
        "basis": price.basis,
    }


def describe_rule(rule: DeviationTerm) -> str:
    return _("From %(month)s: %(of)s – %(rule)s, by %(basis)s.") % {
        "month": f"{rule.valid_from:%Y-%m}",
        "of": DeviationOf(rule.of).label,
        "rule": words.rule_text(
            RuleKind(rule.kind), rule.rate_bps, rule.tolerance_bps, rule.cny_per_kwh
        ),
        "basis": rule.basis,
    }


def describe_volumes(volumes: list[MonthVolume]) -> str:
    return _("Contracted for %(count)s months from %(month)s: %(mwh)s MWh.") % {
        "count": len(volumes),
        "month": f"{volumes[0].month:%Y-%m}",
        "mwh": words.energy(sum(one.energy_wh for one in volumes)),
    }


def fingerprint_amend(payload: Payload) -> Mapping[str, Any]:
    return queries.terms_row(_contract(payload))


# --- statements


def finalise(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    made = operations.finalise_settlements(
        contract_id=UUID(payload["contract_id"]),
        months=[_month(one) for one in payload["months"]],
        by=by,
        at=at,
        approval_id=approval_id,
    )
    return {"settlements": [str(one.pk) for one in made]}


def describe_finalise(payload: Payload) -> list[str]:
    contract = _contract(payload)
    known = standing_by_month([contract.pk])
    said = [_("Statements of %(contract)s become final:") % {"contract": str(contract)}]
    for month in map(_month, payload["months"]):
        row = known.get((contract.pk, month))
        if row is not None:
            said.append(describe_statement(row))
    return [*said, _("A final statement is never edited; a later change is a new version.")]


def describe_statement(row: models.Settlement) -> str:
    return _(
        "%(month)s: %(mwh)s MWh settled, the buyer pays %(amount)s CNY, %(count)s certificates due."
    ) % {
        "month": f"{row.month:%Y-%m}",
        "mwh": words.energy(row.settled_wh),
        "amount": words.money(row.buyer_pays_cny),
        "count": number_format(row.certificate_count),
    }


def fingerprint_finalise(payload: Payload) -> Mapping[str, Any]:
    contract = _contract(payload)
    known = standing_by_month([contract.pk])
    return {
        one: str(row.content_hash) if (row := known.get((contract.pk, _month(one)))) else ""
        for one in payload["months"]
    }


def adjust(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    made = operations.adjust_settlement(
        contract_id=UUID(payload["contract_id"]),
        month=_month(payload["month"]),
        reason=payload["reason"],
        by=by,
        at=at,
        approval_id=approval_id,
    )
    return {"settlement": str(made.pk)}


def describe_adjust(payload: Payload) -> list[str]:
    contract, month = _contract(payload), _month(payload["month"])
    row, now = queries.standing_of(contract.pk, month), queries.draft_of(contract, month)
    was = (row.settled_wh, row.buyer_pays_cny, row.certificate_count) if row else (0, Decimal(0), 0)
    about = {
        "contract": str(contract),
        "month": f"{month:%Y-%m}",
        "was_mwh": words.energy(was[0]),
        "mwh": words.energy(now.found.settled_wh),
        "was_amount": words.money(was[1]),
        "amount": words.money(now.totals.buyer_pays_cny),
        "was_count": number_format(was[2]),
        "count": number_format(now.certificates.unit_count),
    }
    return [
        _("A new version of %(month)s of %(contract)s follows the final one.") % about,
        _("Settled: %(was_mwh)s → %(mwh)s MWh.") % about,
        _("The buyer pays: %(was_amount)s → %(amount)s CNY.") % about,
        _("Certificates due: %(was_count)s → %(count)s.") % about,
        _("Reason: %(reason)s.") % {"reason": payload["reason"]},
    ]


def fingerprint_adjust(payload: Payload) -> Mapping[str, Any]:
    contract, month = _contract(payload), _month(payload["month"])
    row = queries.standing_of(contract.pk, month)
    now = queries.draft_of(contract, month).content_hash
    return {"standing": str(row.pk) if row else "", "comes_to": now}


# --- certificates and claims


def size_of_delivery(payload: Payload) -> int:
    return int(payload["unit_count"])


def deliver(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    made = operations.deliver_certificates(
        contract_id=UUID(payload["contract_id"]),
        month=_month(payload["month"]),
        lot_id=UUID(payload["lot_id"]),
        from_account_id=UUID(payload["from_account_id"]),
        to_account_id=UUID(payload["to_account_id"]),
        unit_count=int(payload["unit_count"]),
        happened_on=date.fromisoformat(payload["happened_on"]),
        purpose=payload["purpose"],
        by=by,
        at=at,
        idempotency_key=payload["key"],
        approval_id=approval_id,
    )
    return {"match": str(made.pk), "entry": str(made.entry_id)}


def describe_deliver(payload: Payload) -> list[str]:
    about = {
        "count": number_format(payload["unit_count"]),
        "lot": units.get_lot(UUID(payload["lot_id"])).code,
        "source": accounts.get_account(UUID(payload["from_account_id"])).number,
        "target": accounts.get_account(UUID(payload["to_account_id"])).number,
        "contract": str(_contract(payload)),
        "month": payload["month"][:7],
    }
    return [
        _("%(count)s certificates of %(lot)s go from %(source)s to %(target)s.") % about,
        _("They are delivered for %(month)s of %(contract)s, and cannot be sold again.") % about,
    ]


def fingerprint_deliver(payload: Payload) -> Mapping[str, Any]:
    lot_id = UUID(payload["lot_id"])
    held = units.positions_in([UUID(payload["from_account_id"])])
    return {view.state.value: view.unit_count for view in held if view.lot_id == lot_id}


def _unclaimed(payload: Payload) -> int:
    """Whole MWh that the claim would take: certificates, or what was settled without any."""
    contract, month = _contract(payload), _month(payload["month"])
    row = queries.standing_of(contract.pk, month)
    if row is None:
        return 0
    known = queries.delivered_of(row)
    if contract.is_bundled:
        return known.delivered + known.made_good - known.claimed_wh // WH_PER_MWH
    return -(-(row.settled_wh - known.claimed_wh) // WH_PER_MWH)


def size_of_claim(payload: Payload) -> int:
    return _unclaimed(payload)


def claim(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    made = operations.claim_power(
        contract_id=UUID(payload["contract_id"]),
        month=_month(payload["month"]),
        purpose=payload["purpose"],
        by=by,
        at=at,
        approval_id=approval_id,
    )
    return {"claims": [str(one.claim_id) for one in made]}


def describe_claim(payload: Payload) -> list[str]:
    contract = _contract(payload)
    about = {**_who(contract), "month": payload["month"][:7], "purpose": payload["purpose"]}
    about["count"] = number_format(_unclaimed(payload))
    row = queries.standing_of(contract.pk, _month(payload["month"]))
    energy = words.energy(row.settled_wh) if row else "0"
    said = (
        _("%(count)s certificates of %(month)s are retired for %(buyer)s.") % about
        if contract.is_bundled
        else _("%(mwh)s MWh of %(month)s are claimed for %(buyer)s without certificates.")
        % {**about, "mwh": energy}
    )
    return [
        said,
        _("They count in market-based Scope 2 of that month, once: %(purpose)s.") % about,
    ]


def fingerprint_claim(payload: Payload) -> Mapping[str, Any]:
    return {"unclaimed": _unclaimed(payload)}


def payload_of_price(price: PriceTerm) -> dict[str, Any]:
    return {
        "kind": str(price.kind),
        "cny_per_kwh": f"{price.cny_per_kwh:f}",
        "valid_from": price.valid_from.isoformat(),
        "basis": price.basis,
        "tariff": str(price.tariff),
    }


def payload_of_rule(rule: DeviationTerm) -> dict[str, Any]:
    amount = rule.cny_per_kwh
    return {
        "of": str(rule.of),
        "kind": str(rule.kind),
        "valid_from": rule.valid_from.isoformat(),
        "basis": rule.basis,
        "rate_bps": rule.rate_bps,
        "tolerance_bps": rule.tolerance_bps,
        "cny_per_kwh": None if amount is None else f"{amount:f}",
        "is_unverified": rule.is_unverified,
    }
