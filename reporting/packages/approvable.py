"""Withdrawing a report waits for a second person; wired in `config`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.approvals.proposing import Act
from ledger.kernel.actors import SYSTEM
from reporting.packages import operations, queries


def _withdraw(asked: dict[str, Any]) -> list[str]:
    report = queries.get_report(report_id=asked["report_id"], by=SYSTEM)
    return [
        _("Report %(number)s is withdrawn: %(reason)s")
        % {"number": report.document_number, "reason": asked["reason"]},
        _("The file stays on record. Whoever checks it is told that it was withdrawn."),
    ]


def _state(asked: dict[str, Any]) -> Mapping[str, Any]:
    report = queries.get_report(report_id=asked["report_id"], by=SYSTEM)
    return {"withdrawn": queries.find_withdrawal(report) is not None, "sha256": report.sha256}


ACTS: Mapping[str, Act] = {
    "packages.withdraw_report": Act(
        title=gettext_lazy("Withdrawing a report"),
        operate=operations.withdraw_report,
        describe=_withdraw,
        relies_on=_state,
    ),
}
