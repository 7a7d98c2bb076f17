"""The queries that `data_points.toml` of the seeds may name: content → what is told, or None."""

from collections.abc import Callable, Mapping

from reporting.disclosures.assembling.answers import emissions, energy, ledger, park, setting
from reporting.disclosures.assembling.answers.answer import ENTERED, Answer, Content

__all__ = ["ANSWERS", "ENTERED", "Answer", "Content"]

_ASKED = (
    emissions.biogenic_co2,
    emissions.intensity,
    emissions.process_emissions,
    emissions.removals,
    emissions.scope_1,
    emissions.scope_1_by_gas,
    emissions.scope_2_location,
    emissions.scope_2_market,
    emissions.scope_3,
    energy.contractual_instruments,
    energy.direct_supply_share,
    energy.energy_by_carrier,
    energy.energy_total,
    energy.imported_heat,
    energy.renewable_share,
    ledger.allowances,
    ledger.climate_finance,
    ledger.credits_cancelled,
    ledger.green_certificates,
    ledger.use_of_proceeds,
    park.bunkers,
    park.resource_rates,
    park.target_progress,
    park.targets,
    setting.base_year,
    setting.consolidation,
    setting.exclusions,
    setting.factors,
    setting.gwp_edition,
    setting.method_changes,
    setting.period_and_entity,
    setting.uncertainty,
    setting.verification,
)
ANSWERS: Mapping[str, Callable[[Content], Answer | None]] = {one.__name__: one for one in _ASKED}
