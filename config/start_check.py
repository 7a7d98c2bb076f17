"""Asked once before the product serves anybody: is this a database it may run on?"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from config.env import OddEnvironment

OLDEST_POSTGRESQL = 15

_OWNED = """
SELECT count(*) FROM pg_tables
WHERE schemaname = 'public' AND pg_has_role(current_user, tableowner, 'MEMBER')
"""


def refuse_odd_version() -> None:
    """:raises OddEnvironment: older than what the tables and functions need"""
    for sentence in _version_faults():
        raise OddEnvironment(sentence)


def _version_faults() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        major = int(cursor.fetchone()[0]) // 10_000
    if major < OLDEST_POSTGRESQL:
        return [f"PostgreSQL {major} is too old; 15 or newer is needed"]
    return []


def faults() -> list[str]:
    """What is wrong with the database, in sentences."""
    found = _version_faults()
    with connection.cursor() as cursor:
        cursor.execute(_OWNED)
        if settings.PRODUCTION and cursor.fetchone()[0]:
            found.append(
                "the login of DATABASE_URL owns tables and could rewrite the ledger; give it a "
                "role of its own, and the owner's login to DATABASE_ADMIN_URL "
                "(docs/how-to/deploy.md)"
            )
    return found


def refuse_odd_database() -> None:
    """:raises OddEnvironment: the database is too old, or too open for production"""
    try:
        for sentence in faults():
            raise OddEnvironment(sentence)
    finally:
        connection.close()  # children are forked next


@register(Tags.database)
def check_database(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """The same for `manage.py check --database default`."""
    return [Error(text, id="config.E001") for text in faults()] if databases else []
