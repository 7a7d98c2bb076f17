"""The one table that says which role may call which operation. What is not listed is denied.

A machine (Role.SYSTEM) may call what lists it. An administrator of the system keeps users and
settings; she moves no units and signs nothing.
"""

from collections.abc import Mapping

from ledger.kernel.actors import GRANTABLE, Actor, Role
from ledger.kernel.errors import NotAllowed

R = Role
CHECKERS = frozenset({R.APPROVER, R.BANK_OFFICER})
MAKERS = frozenset(
    {R.CARBON_MANAGER, R.DATA_OFFICER, R.BANK_OFFICER, R.FUND_MANAGER, R.APPROVER, R.SYSTEM}
)
EVERYBODY = frozenset({R.PERSON})
ADMIN = frozenset({R.ADMINISTRATOR, R.SYSTEM})
# those whose own operations move units; `units.post_entry` stands below all of these
_MOVERS = frozenset({R.CARBON_MANAGER, R.APPROVER, R.BANK_OFFICER, R.FUND_MANAGER, R.SYSTEM})

MAY: Mapping[str, frozenset[Role]] = {
    # activity
    "activity.answer_finding": frozenset({R.DATA_OFFICER, R.CARBON_MANAGER}),
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
    # files
    "files.store_file": frozenset(
        {R.CARBON_MANAGER, R.DATA_OFFICER, R.APPROVER, R.VERIFIER, R.BANK_OFFICER, R.SYSTEM}
    ),
    # imports
    "imports.check_again": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "imports.choose_layout": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "imports.commit_import": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "imports.discard_import": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "imports.save_mapping": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "imports.set_aside_lines": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "imports.tell_of_lines": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "imports.undo_import": frozenset({R.APPROVER, R.SYSTEM}),
    "imports.upload_file": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    # jobs
    "jobs.cancel_job": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.APPROVER}),
    "jobs.retry_job": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.APPROVER}),
    # approvals
    "approvals.approve": CHECKERS,
    "approvals.expire_due_approvals": frozenset({R.SYSTEM}),
    "approvals.propose": MAKERS,
    "approvals.reject": CHECKERS,
    "approvals.request_approval": MAKERS,
    "approvals.set_thresholds": frozenset({R.APPROVER, R.SYSTEM}),
    "approvals.withdraw": MAKERS,
    # audit
    "audit.make_keys": frozenset({R.SYSTEM}),
    "audit.rotate_key": frozenset({R.SYSTEM}),
    "audit.keep_cosignature": frozenset({R.SYSTEM}),
    "audit.seal_events": frozenset({R.SYSTEM}),
    # parameters
    "parameters.load_calendars": frozenset({R.SYSTEM}),
    "parameters.load_parameters": frozenset({R.SYSTEM}),
    # parties
    "parties.appoint_deputy": frozenset(GRANTABLE) | ADMIN,
    "parties.change_party": ADMIN,
    "parties.change_password": EVERYBODY,
    "parties.choose_language": EVERYBODY,
    "parties.deactivate_user": ADMIN,
    "parties.end_all_sessions": EVERYBODY,
    "parties.end_lock_out": ADMIN,
    "parties.end_session": EVERYBODY,
    "parties.enrol_second_factor": EVERYBODY,
    "parties.grant_role": ADMIN,
    "parties.invite_user": ADMIN,
    "parties.issue_token": frozenset(GRANTABLE) - {R.APPROVER, R.VERIFIER, R.ADMINISTRATOR},
    "parties.make_api_client": ADMIN,
    "parties.make_recovery_codes": EVERYBODY,
    "parties.record_lock_out": EVERYBODY,
    "parties.record_sign_in": EVERYBODY,
    "parties.register_party": ADMIN | {R.CARBON_MANAGER},
    "parties.remove_second_factor": EVERYBODY,
    "parties.reset_second_factor": ADMIN,
    "parties.revoke_api_client": ADMIN,
    "parties.revoke_role": ADMIN,
    "parties.revoke_token": frozenset(GRANTABLE) - {R.APPROVER, R.VERIFIER, R.ADMINISTRATOR},
    "parties.rotate_api_secret": ADMIN,
    "parties.set_password": EVERYBODY,
    "parties.set_up_user": frozenset({R.SYSTEM}),
    # instruments
    "instruments.load_schemes": frozenset({R.SYSTEM}),
    "instruments.register_plant": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "instruments.register_project": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "instruments.withdraw_project": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # accounts
    "accounts.block_account": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "accounts.close_account": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "accounts.distrust_account": frozenset({R.APPROVER, R.SYSTEM}),
    "accounts.open_account": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "accounts.trust_account": frozenset({R.APPROVER, R.SYSTEM}),
    "accounts.unblock_account": frozenset({R.APPROVER, R.SYSTEM}),
    # holds
    "holds.cancel_certificates": frozenset({R.APPROVER, R.SYSTEM}),
    "holds.cancel_transfer": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "holds.capture_hold": frozenset({R.APPROVER, R.BANK_OFFICER, R.SYSTEM}),
    "holds.carry_freezes_over": frozenset({R.APPROVER, R.SYSTEM}),
    "holds.execute_transfer": frozenset({R.SYSTEM}),
    "holds.expire_hold": frozenset({R.SYSTEM}),
    "holds.freeze_by_order": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "holds.freeze_certificates": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "holds.place_hold": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "holds.release_certificates": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "holds.release_hold": frozenset({R.CARBON_MANAGER, R.APPROVER, R.BANK_OFFICER, R.SYSTEM}),
    "holds.renew_hold": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "holds.send_units": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    # claims
    "claims.claim_self_use": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "claims.claim_units": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "claims.issue_certificates": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "claims.record_generation": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "claims.reverse_claim": frozenset({R.APPROVER, R.SYSTEM}),
    "claims.reverse_issuance": frozenset({R.APPROVER, R.SYSTEM}),
    # reconciliation
    "reconciliation.add_note": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.APPROVER}),
    "reconciliation.assign_breaks": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    "reconciliation.close_break": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    "reconciliation.compare_account": frozenset({R.SYSTEM}),
    "reconciliation.compare_statement": frozenset({R.SYSTEM}),
    "reconciliation.correct_break": frozenset({R.APPROVER, R.SYSTEM}),
    "reconciliation.explain_break": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    "reconciliation.override_block": frozenset({R.APPROVER, R.SYSTEM}),
    "reconciliation.propose_correction": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    "reconciliation.record_statement": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "reconciliation.request_comparison": frozenset(
        {R.CARBON_MANAGER, R.APPROVER, R.DATA_OFFICER, R.SYSTEM}
    ),
    "reconciliation.request_override": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    "reconciliation.withdraw_statement": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # proofs
    "proofs.commit_state": frozenset({R.APPROVER, R.BANK_OFFICER, R.SYSTEM}),
    # compliance
    "compliance.apply_for_carry_over": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.complete_carry_over": frozenset({R.APPROVER, R.SYSTEM}),
    "compliance.cut_for_shortfall": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.enter_entity": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.entitle_industry": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.entitle_power": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.entitle_pre_allocation": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.load_regimes": frozenset({R.SYSTEM}),
    "compliance.reckon_again": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "compliance.record_allocation": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.record_emissions": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.surrender": frozenset({R.APPROVER, R.SYSTEM}),
    "compliance.tell_fact": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.withdraw_carry_over": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "compliance.withdraw_emissions": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # hedges: no units move by them
    "hedges.close_contract": frozenset({R.APPROVER, R.SYSTEM}),
    "hedges.end_contract": frozenset({R.APPROVER, R.SYSTEM}),
    "hedges.open_contract": frozenset({R.APPROVER, R.SYSTEM}),
    "hedges.pay_margin": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "hedges.settle_day": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    # repos: handing over moves units
    "repos.declare_default": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "repos.make_agreement": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "repos.return_units": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "repos.start_agreement": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "repos.withdraw_agreement": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # prices: kept by the park's operator for everybody
    "prices.load_sources": frozenset({R.SYSTEM}),
    "prices.tell_marks": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "prices.tell_rates": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "prices.withdraw_telling": frozenset({R.APPROVER, R.SYSTEM}),
    # planner: plans move nothing
    "planner.record_price": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "planner.save_plan": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    # notices: her own inbox is everybody's
    "notices.begin_mail": frozenset({R.SYSTEM}),
    "notices.collect": frozenset({R.SYSTEM}),
    "notices.dismiss": EVERYBODY,
    "notices.dispatch": frozenset({R.SYSTEM}),
    "notices.end_mail": frozenset({R.SYSTEM}),
    "notices.fail_mail": frozenset({R.SYSTEM}),
    "notices.mark_all_read": EVERYBODY,
    "notices.mark_read": EVERYBODY,
    "notices.set_preferences": EVERYBODY,
    "notices.snooze": EVERYBODY,
    "notices.try_again": frozenset({R.ADMINISTRATOR}),
    # funds: who keeps the books enters; money and values move by a second person's word
    "funds.add_class": frozenset({R.FUND_MANAGER, R.SYSTEM}),
    "funds.approve_investment": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.make_call": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.make_distribution": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.open_fund": frozenset({R.FUND_MANAGER, R.SYSTEM}),
    "funds.publish_nav": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.record_commitment": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.record_payment": frozenset({R.FUND_MANAGER, R.SYSTEM}),
    "funds.set_terms": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.take_back_call": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.take_back_distribution": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.take_back_entry": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.tell_cash": frozenset({R.APPROVER, R.SYSTEM}),
    "funds.tell_index_level": frozenset({R.FUND_MANAGER, R.SYSTEM}),
    "funds.value_investment": frozenset({R.APPROVER, R.SYSTEM}),
    # proceeds: what is told has evidence; what is given away has a second person's word
    "proceeds.allocate": frozenset({R.APPROVER, R.SYSTEM}),
    "proceeds.grant_subsidy": frozenset({R.APPROVER, R.SYSTEM}),
    "proceeds.record_impact": frozenset({R.CARBON_MANAGER, R.FUND_MANAGER, R.SYSTEM}),
    "proceeds.record_rating": frozenset({R.CARBON_MANAGER, R.FUND_MANAGER, R.SYSTEM}),
    "proceeds.register_project": frozenset({R.CARBON_MANAGER, R.FUND_MANAGER, R.SYSTEM}),
    "proceeds.register_raising": frozenset({R.CARBON_MANAGER, R.FUND_MANAGER, R.SYSTEM}),
    "proceeds.spend": frozenset({R.CARBON_MANAGER, R.FUND_MANAGER, R.SYSTEM}),
    "proceeds.take_back_spending": frozenset({R.APPROVER, R.SYSTEM}),
    # facilities: the borrower enters and draws, the lender closes and declares default
    "facilities.agree_facility": frozenset({R.APPROVER, R.SYSTEM}),
    "facilities.cancel_facility": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "facilities.close_facility": frozenset({R.BANK_OFFICER, R.SYSTEM}),
    "facilities.declare_default": frozenset({R.BANK_OFFICER, R.SYSTEM}),
    "facilities.draw": frozenset({R.APPROVER, R.SYSTEM}),
    "facilities.enter_facility": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "facilities.promise_subsidy": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "facilities.draw_figure": frozenset({R.CARBON_MANAGER, R.BANK_OFFICER, R.SYSTEM}),
    "facilities.record_figure": frozenset({R.APPROVER, R.SYSTEM}),
    "facilities.record_line": frozenset({R.CARBON_MANAGER, R.BANK_OFFICER, R.SYSTEM}),
    "facilities.set_margin_step": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # pledges: the debtor's approver pledges; only the creditor lets go
    "pledges.add_collateral": frozenset({R.APPROVER, R.SYSTEM}),
    "pledges.approve_pledge": frozenset({R.APPROVER, R.SYSTEM}),
    "pledges.ask": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "pledges.decide": frozenset({R.BANK_OFFICER}),
    "pledges.enforce": frozenset({R.BANK_OFFICER}),
    "pledges.lapse_pledge": frozenset({R.BANK_OFFICER}),
    "pledges.lapse_when_due": frozenset({R.SYSTEM}),
    "pledges.record_proceeding": frozenset({R.CARBON_MANAGER, R.BANK_OFFICER, R.SYSTEM}),
    "pledges.register": frozenset({R.CARBON_MANAGER, R.BANK_OFFICER, R.SYSTEM}),
    "pledges.submit_pledge": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "pledges.value_pledge": frozenset({R.CARBON_MANAGER, R.BANK_OFFICER, R.SYSTEM}),
    "pledges.withdraw_pledge": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "pledges.withdraw_request": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # webhooks: a party's own, told to its machines
    "webhooks.begin_delivery": frozenset({R.SYSTEM}),
    "webhooks.end_delivery": frozenset({R.SYSTEM}),
    "webhooks.end_endpoint": frozenset({R.BANK_OFFICER}),
    "webhooks.make_endpoint": frozenset({R.BANK_OFFICER}),
    "webhooks.rotate_secret": frozenset({R.BANK_OFFICER}),
    "webhooks.send_again": frozenset({R.BANK_OFFICER}),
    # sharing
    "sharing.enter_agreement": frozenset({R.CARBON_MANAGER, R.FUND_MANAGER, R.SYSTEM}),
    "sharing.set_terms": frozenset({R.APPROVER, R.SYSTEM}),
    "sharing.settle": frozenset({R.APPROVER, R.SYSTEM}),
    # ppas: what moves money or units is let happen by an approver
    "ppas.add_price": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "ppas.adjust_settlement": frozenset({R.APPROVER, R.SYSTEM}),
    "ppas.amend_contract": frozenset({R.APPROVER, R.SYSTEM}),
    "ppas.attach_point": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "ppas.claim_power": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "ppas.deliver_certificates": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "ppas.discard_contract": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "ppas.enter_contract": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "ppas.finalise_settlements": frozenset({R.APPROVER, R.SYSTEM}),
    "ppas.match_certificates": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "ppas.record_metered_month": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "ppas.register_point": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "ppas.request_settlement": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "ppas.set_deviation": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "ppas.set_volumes": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "ppas.settle_months": frozenset({R.SYSTEM}),
    "ppas.sign_contract": frozenset({R.APPROVER, R.SYSTEM}),
    "ppas.take_readings": frozenset({R.SYSTEM}),
    "ppas.upload_readings": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    # trades
    "trades.fail_settlement": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "trades.give_up_trade": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "trades.make_batch": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "trades.match_by_hand": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    "trades.match_trades": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "trades.record_trade": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "trades.reverse_trade": frozenset({R.APPROVER, R.SYSTEM}),
    "trades.set_policy": frozenset({R.APPROVER, R.SYSTEM}),
    "trades.settle_trade": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "trades.take_in_lines": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "trades.take_match_apart": frozenset({R.CARBON_MANAGER, R.APPROVER}),
    "trades.tell_cost": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "trades.withdraw_lines": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    # parks
    "parks.add_meter": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "parks.add_source": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.admit_tenant": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.draw_boundary": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.end_validity": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.import_rows": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.make_virtual": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "parks.prove_direct_supply": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.record_calibration": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.SYSTEM}),
    "parks.replace_meter": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    "parks.register_park": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
    # readings
    "readings.take_readings": frozenset({R.SYSTEM}),
    "readings.upload_readings": frozenset({R.DATA_OFFICER, R.SYSTEM}),
    # factors
    "factors.load_factors": frozenset({R.SYSTEM}),
    "factors.load_gwps": frozenset({R.SYSTEM}),
    # entries
    "entries.record_entry": frozenset({R.DATA_OFFICER, R.CARBON_MANAGER, R.SYSTEM}),
    "entries.withdraw_entry": frozenset({R.DATA_OFFICER, R.CARBON_MANAGER, R.SYSTEM}),
    # indicators
    "indicators.assess_park": frozenset({R.CARBON_MANAGER, R.SYSTEM}),
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
    # units
    "units.cancel_units": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "units.carry_over_units": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "units.expire_free_units": frozenset({R.SYSTEM}),
    "units.expire_units": frozenset({R.SYSTEM}),
    "units.issue_units": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "units.open_lot": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "units.open_lots": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "units.post_entries": _MOVERS,
    "units.post_entry": _MOVERS,
    "units.retire_units": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "units.reverse_carry_over": frozenset({R.APPROVER, R.SYSTEM}),
    "units.reverse_entry": frozenset({R.APPROVER, R.SYSTEM}),
    "units.surrender_units": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
    "units.transfer_units": frozenset({R.CARBON_MANAGER, R.APPROVER, R.SYSTEM}),
}


# Who may give the approval of an operation; not listed here means: the party's approvers.
# A bank's second officer is its second pair of eyes on what it holds.
MAY_APPROVE: Mapping[str, frozenset[Role]] = {
    "holds.capture_hold": CHECKERS,
    "holds.release_hold": CHECKERS,
    "pledges.enforce": CHECKERS,
    "pledges.lapse_pledge": CHECKERS,
}


def approvers_of(name: str) -> frozenset[Role]:
    """The roles that are a second pair of eyes for an operation."""
    return MAY_APPROVE.get(name, frozenset({R.APPROVER}))


def may_approve(by: Actor, name: str) -> bool:
    """Whether the actor holds one of them."""
    return not by.roles.isdisjoint(approvers_of(name))


def check_may_approve(by: Actor, name: str) -> None:
    """:raises NotAllowed: none of the actor's roles may approve the operation"""
    if not may_approve(by, name):
        raise NotAllowed(f"approval of {name}")


def check_may(by: Actor, name: str) -> None:
    """:raises NotAllowed: none of the actor's roles may call the operation"""
    if by.roles.isdisjoint(MAY.get(name, frozenset())):
        raise NotAllowed(name)
