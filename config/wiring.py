"""Callbacks of lower rooms, filled in by upper ones. The only place that knows both.

Approved operations are registered in `config/approving.py`, so that `approvals` knows none.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from config import approving, checking, noticing, wiring_finance, wording
from ledger.kernel.actors import Actor


def connect() -> None:
    """Called once, when Django has loaded every room."""
    _the_desk()
    approving.connect()
    _accounts()
    _projects()
    checking.connect()
    wiring_finance.connect()
    _keys()
    _readers()
    _jobs()
    _guards()
    _reversals()
    _imports()
    _documents()
    noticing.connect()
    wording.connect()


def _documents() -> None:
    """A claim's page leads to its statement, which is made upstairs."""
    from uuid import UUID

    from django.urls import reverse
    from django.utils.translation import gettext as _

    from ledger.claims.queries import statements

    def links_of(claim_id: UUID) -> list[tuple[str, str]]:
        return [(_("Statement as PDF"), reverse("use_statement_pdf", args=[claim_id]))]

    statements.links.append(links_of)


def _guards() -> None:
    """Who may refuse that units leave an account, or that a park is dated anew."""
    from ledger.compliance import queries as compliance
    from ledger.reconciliation import queries as reconciliation
    from ledger.units import approvable
    from ledger.units import operations as units
    from reporting.inventories import queries as inventories
    from reporting.parks import queries as parks

    parks.frozen_until.append(inventories.frozen_until)
    parks.inner_frozen_until.append(inventories.inner_frozen_until)
    units.register_guard(reconciliation.check_no_open_break)
    reconciliation.deadlines.append(compliance.deadlines_of)
    approvable.answers_in_a_year.append(compliance.answers_in_a_year)


def _reversals() -> None:
    """A surrender that is taken back is owed again, at once."""
    from ledger.compliance import operations as compliance
    from ledger.units import operations as units

    units.around_reversal.append(compliance.follow_reversal)


def _readers() -> None:
    """A verifier reads the inventories she is engaged for, and the data behind them."""
    from reporting.activity import queries as activity
    from reporting.entries import queries as entries
    from reporting.inventories import queries as inventories
    from reporting.readings import queries as readings
    from reporting.verification import queries as verification

    entries.readers.append(verification.engaged_periods)
    inventories.readers.append(verification.engaged_periods)
    activity.readers.append(verification.engaged_periods)
    readings.readers.append(verification.engaged_periods)


def _jobs() -> None:
    """A job's page says what the job made."""
    from ledger.imports import queries as imports
    from ledger.jobs import queries as jobs
    from reporting.activity import queries as activity
    from reporting.attestations import queries as attestations
    from reporting.packages import queries as packages
    from reporting.readings import queries as readings

    jobs.tellers["meter readings"] = readings.tell_job
    for kind in ("checks of the data", "handing in of a year"):
        jobs.tellers[kind] = activity.tell_job
    jobs.tellers["report"] = packages.tell_job
    jobs.tellers["package"] = packages.tell_package_job
    jobs.tellers["attestation"] = attestations.tell_job
    for kind in imports.JOB_KINDS:
        jobs.tellers[kind] = imports.tell_job


def _keys() -> None:
    """`make_keys` makes the document key too."""
    from ledger.audit import keys
    from reporting.packages import queries as packages

    keys.register_key_maker("document", packages.make_missing_key)


def _the_desk() -> None:
    from ledger.approvals import admin as approving
    from ledger.audit import operations as audit
    from ledger.doors import admin
    from ledger.parties import queries as parties
    from reporting.desk import views as desk

    admin.site.home = desk.home
    admin.site.save_view_name = "save_view"
    admin.site.names_of = parties.names_of
    admin.site.propose, admin.site.who_decides = approving.propose, approving.who_decides
    admin.on_export.append(audit.record_export)


def _imports() -> None:
    """Where registries' files go."""
    from ledger.compliance import importing as years
    from ledger.imports import operations as imports
    from ledger.kernel.errors import N_
    from ledger.reconciliation import importing as statements
    from ledger.units import importing as units

    imports.register_target(
        "units",
        title=N_("Ledger of units"),
        check=units.check,
        commit=units.commit,
        undo=units.undo,
        summarise=units.summarise,
        accounts=units.accounts_to_choose,
        schemes=units.schemes_to_choose,
        outside=units.outside_to_choose,
        is_approved=True,
    )
    imports.register_target(
        "statement",
        title=N_("Registry statement, to be compared"),
        check=statements.check,
        commit=statements.commit,
        undo=statements.undo,
        summarise=statements.summarise,
        accounts=statements.accounts_to_choose,
        schemes=statements.schemes_to_choose,
        is_whole=True,
    )
    imports.register_target(
        "compliance",
        title=N_("Compliance years: verified emissions and allocations"),
        check=years.check,
        commit=years.commit,
        undo=years.undo,
        summarise=years.summarise,
        schemes=years.schemes_to_choose,
        is_approved=True,
        is_whole=True,
    )


def _accounts() -> None:
    """Units stand above accounts: they say whether one is empty."""
    from uuid import UUID

    from ledger.accounts import queries as accounts
    from ledger.units import queries as units
    from ledger.units.states import LIVE

    def is_empty(account_id: UUID) -> bool:
        return not any(view.state in LIVE for view in units.positions_in([account_id]))

    accounts.is_empty.append(is_empty)


def _projects() -> None:
    """Holds stand above: a project's registration freezes certificates, its withdrawal frees."""
    from ledger.holds import operations as holds
    from ledger.instruments import operations as instruments

    instruments.on_registered.append(holds.freeze_certificates)
    instruments.on_withdrawn.append(holds.release_certificates)


def reference_loaders() -> list[Callable[..., Iterable[Any]]]:
    """What `manage.py load_reference` calls, in order.

    Each is fn(folder, by, at) and gives, for each kind of row, an object with kind, new_count,
    ended_count, unchanged_count and notes (`ledger.parameters.operations.Loaded`).
    """
    from finance.prices import operations as prices
    from ledger.compliance import operations as compliance
    from ledger.instruments import operations as instruments
    from ledger.parameters import operations as parameters
    from reporting.factors import operations as factors

    def schemes(*, folder: Path, by: Actor, at: datetime) -> Iterable[Any]:
        yield parameters.Loaded("schemes", instruments.load_schemes(by=by, at=at))
        regimes = compliance.load_regimes(folder=folder, by=by, at=at)
        yield parameters.Loaded("trading systems", regimes)

    return [parameters.load_seeds, factors.load_seeds, schemes, prices.load_seeds]
