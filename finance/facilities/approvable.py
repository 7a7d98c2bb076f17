"""Agreeing to a facility and drawing on it wait for a second person; wired in `config`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.facilities import operations, queries
from finance.facilities.models import Facility
from finance.facilities.rules.margins import Verified
from finance.facilities.states import RateKind
from ledger.approvals.proposing import Act
from ledger.doors.figures import amount, percent
from ledger.doors.wording import number_format
from ledger.kernel.actors import SYSTEM
from ledger.parties import queries as parties


def said_rate(row: Facility) -> str:
    """The contract's interest, in words."""
    if row.rate_kind == RateKind.FIXED:
        return percent(Decimal(row.rate_bps).scaleb(-4))
    kind, sign = RateKind(row.rate_kind).label, "+" if row.rate_bps >= 0 else "−"
    return f"{kind} {sign} {abs(row.rate_bps)} bp"


def _of(asked: Mapping[str, Any]) -> Facility:
    return queries.get_facility(asked["facility_id"], by=SYSTEM)


def _agree(asked: dict[str, Any]) -> list[str]:
    row = _of(asked)
    about = {
        "code": row.code,
        "bank": parties.name_of(row.lender_id),
        "amount": f"{amount(row.limit_amount)} {row.currency}",
        "rate": said_rate(row),
        "count": row.day_count,
        "plan": row.get_plan_display(),
        "first": date_format(row.starts_on),
        "last": date_format(row.matures_on),
        "use": row.purpose,
    }
    return [
        _("%(bank)s grants facility %(code)s of %(amount)s, from %(first)s to %(last)s.") % about,
        _("Interest: %(rate)s, %(count)s; repayment: %(plan)s.") % about,
        _("Use of proceeds: %(use)s.") % about,
    ]


def _draw(asked: dict[str, Any]) -> list[str]:
    row = _of(asked)
    operations.check_drawdown(row, asked["amount"], asked["drawn_on"])
    about = {
        "code": row.code,
        "amount": f"{amount(asked['amount'])} {row.currency}",
        "day": date_format(asked["drawn_on"]),
        "evidence": asked["evidence"],
    }
    return [
        _("%(amount)s is drawn of facility %(code)s on %(day)s.") % about,
        _("Evidence: %(evidence)s.") % about,
    ]


def said_figure(one: Verified) -> str:
    """A figure to choose, with where it is from."""
    value = f"{number_format(one.value, force_grouping=True)} {one.measure}"
    return f"{one.name} {one.year}: {value} · {one.verified_by}"


def _figure(asked: dict[str, Any]) -> list[str]:
    _of(asked)
    return [
        _("%(indicator)s of %(year)s was %(value)s, verified by %(verified_by)s.") % asked,
        _("The document that says so: %(opinion)s. Look at it before you agree.") % asked,
        _("It decides the margin steps of that year and is final."),
    ]


def _record_figure(*, value: str, **asked: Any) -> Any:
    return operations.record_figure(value=Decimal(value), **asked)


def _state(asked: dict[str, Any]) -> Mapping[str, Any]:
    row = _of(asked)
    return {"state": str(row.state), "lines": row.lines.count()}


ACTS: Mapping[str, Act] = {
    "facilities.agree_facility": Act(
        gettext_lazy("Agree to a facility"), operations.agree_facility, _agree, _state
    ),
    "facilities.draw": Act(gettext_lazy("Draw on a facility"), operations.draw, _draw, _state),
    "facilities.record_figure": Act(
        gettext_lazy("Type a verified figure in"), _record_figure, _figure
    ),
}
