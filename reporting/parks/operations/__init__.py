"""Every write of the parks room."""

from reporting.parks.operations.dating import change_terms, redraw_boundary
from reporting.parks.operations.importing import import_rows
from reporting.parks.operations.metering import (
    make_virtual,
    prove_direct_supply,
    record_calibration,
    replace_meter,
)
from reporting.parks.operations.placing import place_within
from reporting.parks.operations.registering import (
    add_meter,
    add_source,
    admit_tenant,
    draw_boundary,
    end_validity,
    register_park,
)

__all__ = [
    "add_meter",
    "add_source",
    "admit_tenant",
    "change_terms",
    "draw_boundary",
    "end_validity",
    "import_rows",
    "make_virtual",
    "place_within",
    "prove_direct_supply",
    "record_calibration",
    "redraw_boundary",
    "register_park",
    "replace_meter",
]
