"""Migrate with the administrator's login, then give each role exactly its rights."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, models

from config.env import DatabaseAddress
from config.quick_migrations import models_drawn_for_columns_only
from config.start_check import refuse_odd_version
from ledger.doors.tables import TableKind

ENGINE_OWNER = "ledger_owner"

RIGHTS = {
    TableKind.APPEND_ONLY: "SELECT, INSERT",
    TableKind.STATEFUL: "SELECT, INSERT, UPDATE",
    TableKind.REFERENCE: "SELECT, INSERT, UPDATE, DELETE",
    TableKind.ENGINE: "SELECT",
}


class Command(BaseCommand):
    help = "Create and upgrade the tables, then set who may do what to each."

    def handle(self, *args: Any, **options: Any) -> None:
        application = str(settings.DATABASES["default"]["USER"])
        self._become_administrator()
        refuse_odd_version()
        with models_drawn_for_columns_only():
            call_command("migrate", verbosity=options["verbosity"], interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            if cursor.fetchone()[0] == application:
                return  # one login for all: allowed in a trial, refused in production
            for statement in self._statements(application):
                cursor.execute(statement)
        connection.close()

    def _become_administrator(self) -> None:
        if settings.DATABASE_ADMIN_URL:
            address = DatabaseAddress.parse("DATABASE_ADMIN_URL", settings.DATABASE_ADMIN_URL)
            connection.close()
            connection.settings_dict.update(address.for_django())

    def _statements(self, application: str) -> list[str]:
        q = connection.ops.quote_name
        statements = [
            f"GRANT USAGE ON SCHEMA public TO {q(application)}",
            f"GRANT USAGE, CREATE ON SCHEMA public TO {ENGINE_OWNER}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public "
            f"TO {q(application)}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {q(application)}",
            f"REVOKE ALL ON django_migrations FROM {q(application)}",
            f"GRANT SELECT ON django_migrations TO {q(application)}",
        ]
        for model in apps.get_models():
            statements += self._table_statements(model, application)
        statements.append(_NO_RIGHTS_ON_PARTS.format(application=application))
        statements.append(_FUNCTION_RIGHTS.format(owner=ENGINE_OWNER, application=application))
        return statements

    def _table_statements(self, model: type[models.Model], application: str) -> list[str]:
        kind = getattr(model, "table_kind", None)
        if kind is None or not model._meta.managed or model._meta.proxy:
            return []
        table, user = (
            connection.ops.quote_name(model._meta.db_table),
            connection.ops.quote_name(application),
        )
        statements = [
            f"REVOKE ALL ON {table} FROM {user}",
            f"GRANT {RIGHTS[kind]} ON {table} TO {user}",
        ]
        if kind is TableKind.ENGINE or getattr(model, "by_month", False):
            statements.append(f"ALTER TABLE {table} OWNER TO {ENGINE_OWNER}")
        return statements


# A table cut by month is read and written as a whole; nobody comes in by a part.
_NO_RIGHTS_ON_PARTS = """
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT oid FROM pg_class WHERE relispartition AND relkind = 'r' LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %I', part, '{application}');
    END LOOP;
END $$
"""

# Functions named ledger_* are the engine's doors: they run as its owner and the application may
# call them. Functions named _ledger_* are their insides: nobody may call them directly.
_FUNCTION_RIGHTS = """
DO $$
DECLARE f record;
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS signature, p.proname AS name
             FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname = 'public' AND p.proname ~ '^_?ledger_'
               AND p.prorettype <> 'trigger'::regtype
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO {owner}', f.signature);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.signature);
        IF f.name LIKE 'ledger\\_%' THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f.signature, '{application}');
        END IF;
    END LOOP;
END $$
"""
