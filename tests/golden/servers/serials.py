"""Serial numbers of four registries, through the layouts of the importer."""

from decimal import Decimal

from ledger.imports.layouts.serials import gold_standard, kyoto, verra
from ledger.imports.records import Act
from tests.golden.cells import faults_of, read
from tests.golden.running import Case, serves


@serves("ledger_goldstandard_serials")
def gold_standard_serials(case: Case) -> dict[str, object]:
    serial = gold_standard(case.inputs["serial"])
    cells = {
        "serial number": case.inputs["serial"],
        "quantity": str(serial.count),
        "vintage": case.inputs["vintage"],
        "gsid": case.inputs["project_id"],
        "poa gsid": serial.project,
        "credit status": case.inputs["status"],
        "issuance date": "2021-04-01",
    }
    (record,) = read("gold_standard_issuances", cells)
    wrong = {**cells, "quantity": str(serial.count + 1)}
    (fault,) = faults_of("gold_standard_issuances", wrong)
    assert fault.code == "quantity_not_serials"
    return {
        "first": record.first,
        "last": record.last,
        "quantity": record.quantity,
        "country_code": record.extra["country"],
        "project_in_serial": serial.project,
    }


@serves("ledger_cdm_cer_serials")
def kyoto_serials(case: Case) -> dict[str, object]:
    serial = kyoto(case.inputs["serial"])
    cells = {
        "serial number": case.inputs["serial"],
        "quantity": str(serial.count),
        "vintage": "2019",
        "gsid": "1",
        "issuance date": "2021-04-01",
    }
    (record,) = read("gold_standard_issuances", cells)
    assert record.scheme == "CDM_CER"
    return {
        "party": serial.country,
        "first": record.first,
        "last": record.last,
        "original_cp": int(serial.parts["original"]),
        "applicable_cp": int(serial.parts["applicable"]),
        "cdm_project": int(serial.project),
        "quantity": record.quantity,
    }


@serves("ledger_registry_serials_mixed")
def mixed_serials(case: Case) -> dict[str, object]:
    registry = case.inputs["registry"].split()[0]
    return {"Verra": _verra, "Cercarbono": _cercarbono, "Isometric": _isometric}[registry](case)


def _verra(case: Case) -> dict[str, object]:
    serial = verra(case.inputs["serial"])
    cells = {
        "serial number": case.inputs["serial"],
        "quantity issued": f"{serial.count:,}",
        "id": f"{serial.project}.0",
        "issuance date": "2024-01-01",
        "retirement/cancellation date": case.inputs["retired_on"] or "",
    }
    (record,) = read("verra_vcu_transactions", cells)
    ended = record.act is Act.RETIRED
    return {
        "batch": int(serial.parts["batch"]),
        "first": record.first,
        "last": record.last,
        "quantity": record.quantity,
        "country": record.extra["country"],
        "project_id": int(record.project_code),
        "vintage_start": str(record.period_from),
        "vintage_end": str(record.period_to),
        "status": "retired/cancelled" if ended else "active",
    }


def _cercarbono(case: Case) -> dict[str, object]:
    told = case.inputs
    count = told["range_to"] - told["range_from"] + 1
    cells = {
        "serial": told["serial"],
        "from": str(told["range_from"]),
        "to": str(told["range_to"]),
        "quantity": str(count),
        "vintage": told["vintage"],
        "date": "2024-01-01",
        "project_id": "1",
    }
    (record,) = read("cercarbono_retirements", cells)
    return {"quantity": record.quantity}


def _isometric(case: Case) -> dict[str, object]:
    told = case.inputs
    total = Decimal(told["supplier_credits_t"]) + Decimal(told["buffer_pool_credits_t"])
    cells = {
        "credit_batch_size_total.credits": str(total),
        "credit_batch_size_total.credit_kgs": str(told["credit_kg"]),
        "retirement_id": case.id,
        "retired_at": "2024-01-01",
    }
    (record,) = read("isometric_retirements", cells)
    tonnes = (Decimal(record.quantity) / 1000).normalize()
    return {"total_kg": record.quantity, "total_credits_t": f"{tonnes:f}"}
