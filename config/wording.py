"""How the codes inside refusals are said, in words of the rooms that own them.

The words are the choices that the rooms' models show anyway; what no model has is said here.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

# (code of the refusal, name of its parameter) → the model's column whose choices name it
COLUMNS: Mapping[tuple[str, str], str] = {
    ("terminal_state", "old"): "ledger_units.Position.state",
    ("terminal_state", "new"): "ledger_units.Position.state",
    ("not_a_capture_target", "state"): "ledger_units.Position.state",
    ("transaction_not_allowed", "from_type"): "ledger_accounts.Account.type",
    ("transaction_not_allowed", "to_type"): "ledger_accounts.Account.type",
    ("not_covered", "state"): "ledger_units.Position.state",
    ("no_such_role", "role"): "ledger_parties.Membership.role",
    ("wrong_kind_of_party", "role"): "ledger_parties.Membership.role",
    ("wrong_kind_of_party", "kind"): "ledger_parties.Party.kind",
    ("roles_clash", "role"): "ledger_parties.Membership.role",
    ("no_role_for_machines", "role"): "ledger_parties.Membership.role",
    ("sector_unknown", "sector"): "ledger_compliance.Entity.sector",
    ("no_factor", "purpose"): "reporting_factors.Factor.purpose",
    ("wrong_purpose", "actual"): "reporting_factors.Factor.purpose",
    ("wrong_purpose", "wanted"): "reporting_factors.Factor.purpose",
    ("method_does_not_fit", "method"): "reporting_entries.Entry.method",
    ("method_does_not_fit", "part"): "reporting_entries.Entry.part",
    ("significance_unanswered", "part"): "reporting_entries.Entry.part",
}
USES = {
    "transfer": _("Transfer"),
    "pledge": _("pledge"),
    "retire": _("Retire"),
    "surrender": _("Surrender"),
    "cancel": _("Cancel units"),
    "claim": _("Claim units"),
    "redeem": _("redemption"),
    "carry_over": _("carry-over"),
}
ACTS = {
    "HOLD": _("hold"),
    "CAPTURE": _("enforcement"),
    "CLAIM": _("claim"),
    "REDEEM": _("redemption"),
}
PURPOSES = {
    "ISO14064-1": _("an ISO 14064-1 inventory"),
    "PARK": _("the zero-carbon park"),
    "": _("nothing named"),
}
VALUE_KINDS = {
    "number": _("single number"),
    "tier table": _("table of tiers"),
    "date rule": _("rule of dates"),
}
POWERS = {
    "bought": _("purchased power"),
    "direct": _("green power directly supplied"),
    "own": _("self-generated power"),
    "certificates": _("certificates"),
    "sent_green": _("power sent out, non-fossil"),
    "sent_fossil": _("power sent out, fossil"),
}
WORKED_OUT = {
    "refrigerant": _("refrigerant"),
    "clinker": _("clinker"),
    "CO2": "CO2",
}
OF_FUELS = {
    "a calorific value": _("a calorific value"),
    "the ratio of gross to net": _("the ratio of gross to net"),
    "the density": _("the density"),
}


def connect() -> None:
    """Called once, when Django has loaded every room."""
    from finance.prices import queries as prices
    from ledger.accounts import queries as accounts
    from ledger.approvals.states import ApprovalState
    from ledger.compliance import queries as compliance
    from ledger.compliance.states import CarryOverState
    from ledger.doors.wording import words
    from ledger.imports import queries as imports
    from ledger.instruments import queries as instruments
    from ledger.units.states import UnitState
    from reporting.factors import queries as factors
    from reporting.parks import queries as parks

    parks.carrier_names.append(factors.carrier_names)
    from reporting.entries.states import Method, Part
    from reporting.factors import queries as factors
    from reporting.inventories.states import InventoryState
    from reporting.targets.states import TargetState
    from reporting.verification.states import (
        DraftState,
        EngagementState,
        FactState,
        FindingState,
        Outcome,
        RequestState,
    )

    words.update({place: choices(column) for place, column in COLUMNS.items()})
    words["mapping_incomplete", "fields"] = imports.fields_in_words
    words["constant_unfit", "fields"] = imports.fields_in_words
    states = choices("ledger_units.Position.state")
    imports.say(
        act=imports.act_in_words,
        state=lambda code: str(states.get(code, code)),
    )
    words[UnitState] = choices("ledger_units.Position.state")
    words[CarryOverState] = choices("ledger_compliance.CarryOver.state")
    words[ApprovalState] = choices("ledger_approvals.Approval.state")
    words[InventoryState] = choices("reporting_inventories.Inventory.state")
    words[TargetState] = choices("reporting_targets.Target.state")
    words[Part] = choices("reporting_entries.Entry.part")
    words[Method] = choices("reporting_entries.Entry.method")
    words[EngagementState] = choices("reporting_verification.Engagement.state")
    words[FindingState] = choices("reporting_verification.Finding.state")
    words[RequestState] = choices("reporting_verification.Request.state")
    words[Outcome] = choices("reporting_verification.SampleItem.outcome")
    words[DraftState] = choices("reporting_verification.OpinionDraft.state")
    words[FactState] = choices("reporting_verification.LaterFact.state")
    kinds = {**choices("ledger_units.Entry.kind"), **ACTS}
    words["transaction_not_allowed", "kind"] = kinds
    words["transaction_not_allowed", "reason"] = accounts.reason_said
    words["wrong_end_use", "purpose"] = USES
    words["wrong_parameter_kind", "kind"] = VALUE_KINDS
    words["no_factor", "carrier"] = factors.carrier_name
    for code in (
        "wrong_end_use",
        "vintage_not_usable",
        "no_generation_period",
        "not_covered",
        "open_break",
    ):
        words[code, "scheme"] = instruments.scheme_name
    for code in ("vintage_refused", "not_eligible", "surrendered_in_its_year"):
        words[code, "scheme"] = instruments.scheme_name
    for code in ("vintage_refused", "not_eligible", "sector_unknown"):
        words[code, "regime"] = compliance.regime_name
    words["not_an_obligation", "purpose"] = PURPOSES
    words["vintage_needed", "scheme"] = instruments.scheme_name
    for code in (
        "not_of_this_source", "reason_needed", "told_twice", "settlement_price_needed",
        "told_since", "withdrawn_before",
    ):  # fmt: skip
        words[code, "what"] = prices.what_said
    _connect_methods()


def _connect_methods() -> None:
    """What is entered by hand, and what the indicators are made of."""
    from ledger.doors.wording import words
    from reporting.entries import queries as entries
    from reporting.indicators import queries as indicators

    for code in ("input_missing", "input_unknown", "input_unreadable"):
        words[code, "name"] = entries.input_name
    words["one_or_the_other", "one"] = words["one_or_the_other", "other"] = entries.input_name
    words["less_than_nothing", "what"] = WORKED_OUT
    words["no_unit_path", "missing"] = OF_FUELS
    words["negative_energy", "what"] = POWERS
    words["not_a_guiding_indicator", "name"] = indicators.indicator_name


def choices(column: str) -> dict[str, Any]:
    """A column's choices: value → word."""
    label, name = column.rsplit(".", 1)
    field = apps.get_model(label)._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101  a table of ours above
    return {str(value): word for value, word in field.flatchoices}
