"""A posting of many says how it wants to be planned.

The planner guesses a thousand legs for each body (that is what a set-returning call costs it), and
so remembers answers that are never asked again, hashing every body for it; sorts what a hash
would join; and on a server with just-in-time compilation compiles for a tenth of a second.
"""

from django.db import migrations

PLANS = """
ALTER FUNCTION _ledger_units_forward_many(bytea[]) SET enable_memoize = off;
ALTER FUNCTION _ledger_units_forward_many(bytea[]) SET enable_mergejoin = off;
ALTER FUNCTION _ledger_units_forward_many(bytea[]) SET jit = off;
ALTER FUNCTION _ledger_units_back_many(bytea[]) SET enable_memoize = off;
ALTER FUNCTION _ledger_units_back_many(bytea[]) SET jit = off;
"""
AS_BEFORE = """
ALTER FUNCTION _ledger_units_forward_many(bytea[]) RESET ALL;
ALTER FUNCTION _ledger_units_back_many(bytea[]) RESET ALL;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger_units", "0014_less_to_prepare")]

    operations = [migrations.RunSQL(PLANS, AS_BEFORE)]
