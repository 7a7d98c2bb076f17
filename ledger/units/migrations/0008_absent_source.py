"""Many entries at once: a leg out of a place that was never there is not plain, and is refused."""

from django.db import migrations

SUM = "bool_and(l.allowed AND (f.balance >= 0 OR f.source))"
# an aggregate passes over NULL, which is what a place that is not there compares to
SURE = "bool_and(coalesce(l.allowed AND (f.balance >= 0 OR f.source), false))"
MEND = """
DO $mend$
DECLARE
    told text := pg_get_functiondef('_ledger_units_post_many(bytea[])'::regprocedure);
BEGIN
    IF position($old${old}$old$ IN told) = 0 THEN
        RAISE EXCEPTION 'the posting function is another one';
    END IF;
    EXECUTE replace(told, $old${old}$old$, $new${new}$new$);
END $mend$
"""


class Migration(migrations.Migration):
    dependencies = [("ledger_units", "0007_internal_moves")]

    operations = [
        migrations.RunSQL(MEND.format(old=SUM, new=SURE), MEND.format(old=SURE, new=SUM)),
    ]
