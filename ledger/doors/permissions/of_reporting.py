"""Who may call which operation of the storey reporting; and the guided start."""

from collections.abc import Mapping

from ledger.doors.permissions.roles import EVERYBODY, R
from ledger.kernel.actors import Role

MAY: Mapping[str, frozenset[Role]] = {
    # activity
    "activity.answer_finding": frozenset({R.DATA_OFFICER, R.CARBON_MANAGER}),
    "activity.ask_for_checks": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER}),
    "activity.ask_to_submit": frozenset({R.DATA_OFFICER}),
    "activity.check_dataset": frozenset({R.APPROVER, R.CARBON_MANAGER}),
    "activity.correct_row": frozenset({R.DATA_OFFICER, R.SYSTEM}),
    "activity.lock_dataset": frozenset({R.APPROVER}),
    "activity.mark_verified": frozenset({R.VERIFIER, R.SYSTEM}),
    "activity.reopen_dataset": frozenset({R.APPROVER, R.CARBON_MANAGER}),
    "activity.run_checks": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "activity.submit_dataset": frozenset({R.DATA_OFFICER}),
    "activity.take_from_readings": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "activity.upload_year": frozenset({R.DATA_OFFICER}),
    # the guided start (config/start)
    "start.take_opening_positions": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    # disclosures, packages: a reader takes only what she may see
    "disclosures.comment_point": frozenset({R.CARBON_MANAGER, R.APPROVER, R.DATA_OFFICER}),
    "disclosures.enter_project": frozenset({R.APPROVER}),
    "disclosures.freeze_statement": frozenset({R.SYSTEM}),
    "disclosures.tell_point": frozenset({R.APPROVER}),
    "disclosures.tell_removal": frozenset({R.APPROVER}),
    "packages.download_report": frozenset(
        {R.CARBON_MANAGER, R.APPROVER, R.DATA_OFFICER, R.VERIFIER, R.AUDITOR}
    ),
    "packages.issue_package": frozenset({R.SYSTEM}),
    "packages.issue_report": frozenset({R.SYSTEM}),
    "packages.request_package": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    "packages.request_report": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    "packages.withdraw_report": frozenset({R.APPROVER}),
    # attestations: a pledge's two parties; queries say which
    "attestations.issue_attestation": frozenset({R.BANK_OFFICER, R.CARBON_MANAGER, R.APPROVER}),
    "attestations.issue_attestations": frozenset({R.BANK_OFFICER, R.CARBON_MANAGER, R.APPROVER}),
    "attestations.keep_print": frozenset({R.SYSTEM}),
    "attestations.request_print": frozenset({R.BANK_OFFICER, R.CARBON_MANAGER, R.APPROVER}),
    "attestations.revoke_attestation": frozenset({R.BANK_OFFICER, R.APPROVER}),
    "attestations.take_away": frozenset({R.BANK_OFFICER, R.CARBON_MANAGER, R.APPROVER, R.AUDITOR}),
    # desk: keeping a view is everybody's convenience
    "desk.forget_view": EVERYBODY,
    "desk.save_view": EVERYBODY,
    # parks
    "parks.add_meter": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "parks.add_source": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.admit_tenant": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.change_terms": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.draw_boundary": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.end_validity": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.import_rows": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.make_virtual": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "parks.place_within": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.prove_direct_supply": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.record_calibration": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "parks.redraw_boundary": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.replace_meter": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.register_park": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # readings
    "readings.take_readings": frozenset({R.SYSTEM}),
    "readings.upload_readings": frozenset({R.DATA_OFFICER, R.SYSTEM}),
    # factors
    "factors.load_factors": frozenset({R.SYSTEM}),
    "factors.load_gwps": frozenset({R.SYSTEM}),
    # entries
    "entries.import_entries": frozenset({R.DATA_OFFICER, R.CARBON_MANAGER, R.SYSTEM}),
    "entries.record_entry": frozenset({R.DATA_OFFICER, R.CARBON_MANAGER, R.SYSTEM}),
    "entries.withdraw_entry": frozenset({R.DATA_OFFICER, R.CARBON_MANAGER, R.SYSTEM}),
    # indicators
    "indicators.assess_park": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "indicators.import_facts": frozenset({R.DATA_OFFICER, R.CARBON_MANAGER, R.SYSTEM}),
    "indicators.record_fact": frozenset({R.DATA_OFFICER, R.CARBON_MANAGER, R.SYSTEM}),
    # targets
    "targets.set_target": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "targets.withdraw_target": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # inventories
    "inventories.build_from_gases": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "inventories.build_inventory": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "inventories.calculate_inventory": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "inventories.freeze_inventory": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "inventories.restate_inventory": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # verification
    "verification.answer_finding": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER}),
    "verification.answer_request": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER}),
    "verification.ask": frozenset({R.VERIFIER}),
    "verification.ask_again": frozenset({R.VERIFIER}),
    "verification.close_finding": frozenset({R.VERIFIER}),
    "verification.close_request": frozenset({R.VERIFIER}),
    "verification.conclude_procedures": frozenset({R.VERIFIER}),
    "verification.declare_independence": frozenset({R.VERIFIER}),
    "verification.dismiss_later_fact": frozenset({R.VERIFIER}),
    "verification.draw_sample": frozenset({R.VERIFIER}),
    "verification.give_opinion": frozenset({R.VERIFIER}),
    "verification.open_engagement": frozenset({R.CARBON_MANAGER}),
    "verification.prepare_opinion": frozenset({R.VERIFIER}),
    "verification.raise_finding": frozenset({R.VERIFIER}),
    "verification.record_outcome": frozenset({R.VERIFIER}),
    "verification.reopen_engagement": frozenset({R.VERIFIER}),
    "verification.send_finding_back": frozenset({R.VERIFIER}),
    "verification.set_team": frozenset({R.VERIFIER}),
    "verification.sign_opinion": frozenset({R.VERIFIER}),
    "verification.take_evidence": frozenset({R.VERIFIER}),
    "verification.take_reply_file": frozenset(
        {R.CARBON_MANAGER, R.APPROVER, R.DATA_OFFICER, R.VERIFIER, R.AUDITOR}
    ),
    "verification.tell_later_fact": frozenset(
        {R.CARBON_MANAGER, R.APPROVER, R.DATA_OFFICER, R.VERIFIER}
    ),
    "verification.withdraw_engagement": frozenset({R.CARBON_MANAGER}),
    "verification.withdraw_finding": frozenset({R.VERIFIER}),
    "verification.withdraw_request": frozenset({R.VERIFIER}),
}
