"""Rows as their events tell them, and rows against these for `verify_ledger`."""

from collections.abc import Iterator

from django.db import connection
from django.db import models as django_models

from finance.funds import models
from ledger.audit.keeping import rows_match_events, subject_of
from ledger.audit.queries import Fault
from ledger.kernel.canonical import digest

VERBS: dict[type[django_models.Model], list[str]] = {
    models.Fund: ["fund.opened"],
    models.ShareClass: ["share_class.added"],
    models.Terms: ["fund_terms.set"],
    models.Commitment: ["commitment.recorded"],
    models.Call: ["call.made", "call.taken_back"],
    models.CallLine: ["call.line"],
    models.Distribution: ["distribution.made", "distribution.taken_back"],
    models.DistributionLine: ["distribution.line"],
    models.Investment: ["investment.approved"],
    models.Valuation: ["investment.valued"],
    models.CashEntry: ["fund_cash.told", "fund_cash.taken_back"],
    models.Nav: ["nav.published"],
    models.IndexLevel: ["index_level.told"],
}


def hash_of_nav(row: models.Nav) -> str:
    """SHA-256 of what a net asset value says."""
    named = (
        "fund_id", "valued_on", "version", "parts", "cash", "units_value", "stakes_value",
        "fee_owed", "carry_owed", "net_assets", "shares", "per_share", "cash_number",
    )  # fmt: skip
    return digest({name: getattr(row, name) for name in named}).hex()


def check_rows_match_events() -> Iterator[Fault]:
    """Every row as its event tells it, every sum as its parts make it."""
    yield from rows_match_events(VERBS)
    for nav in models.Nav.objects.iterator():
        if hash_of_nav(nav) != nav.content_hash:
            yield Fault("funds.hash", subject_of(nav), "its hash is not that of its content")
    for statement, text in _SUMS:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            for (subject,) in cursor.fetchall():
                yield Fault("funds.sums", subject, text)


# Lines make their call, their distribution; the book's lines make its balance.
_SUMS = [
    (
        """SELECT 'funds.Call:' || c.id FROM finance_funds_call c
           LEFT JOIN finance_funds_callline l ON l.call_id = c.id
           GROUP BY c.id, c.amount HAVING coalesce(sum(l.amount), 0) <> c.amount""",
        "its lines do not make its amount",
    ),
    (
        """SELECT 'funds.Distribution:' || d.id FROM finance_funds_distribution d
           LEFT JOIN finance_funds_distributionline l ON l.distribution_id = d.id
           GROUP BY d.id, d.amount HAVING coalesce(sum(l.amount), 0) <> d.amount""",
        "its lines do not make its amount",
    ),
    (
        """SELECT 'funds.CashEntry:' || id FROM (
               SELECT id, balance, sum(amount) OVER (PARTITION BY fund_id ORDER BY number) AS run,
                      number, row_number() OVER (PARTITION BY fund_id ORDER BY number) AS place
               FROM finance_funds_cashentry) AS book
           WHERE balance <> run OR number <> place""",
        "the cash book does not run on",
    ),
]
