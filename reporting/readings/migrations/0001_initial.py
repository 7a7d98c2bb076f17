"""Pieces and days lie in a table of their month. A month is opened by the engine's function: the
application adds and reads through the whole table and has no right on a part."""

import django.contrib.postgres.fields
import django.db.models.deletion
import ledger.kernel.ids
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# Drawn by hand what would be drawn as plain tables: the same columns, cut by month.
PIECE = """
CREATE TABLE reporting_readings_piece (
    meter_id uuid NOT NULL,
    day date NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    step_minutes smallint NOT NULL CHECK (step_minutes IN (15, 60)),
    values_millionths bigint[] NOT NULL,
    marks varchar(96) NOT NULL,
    upload_id uuid NOT NULL,
    CHECK (cardinality(values_millionths) = 1440 / step_minutes),
    CHECK (length(marks) IN (0, 1440 / step_minutes)),
    PRIMARY KEY (meter_id, day, version)
) PARTITION BY RANGE (day);
CREATE INDEX readings_piece_by_file ON reporting_readings_piece (upload_id);
"""
DAY = """
CREATE TABLE reporting_readings_day (
    meter_id uuid NOT NULL,
    day date NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    step_minutes smallint NOT NULL CHECK (step_minutes IN (15, 60)),
    values_millionths bigint[] NOT NULL,
    marks varchar(96) NOT NULL,
    hours_millionths bigint[] NOT NULL CHECK (cardinality(hours_millionths) = 24),
    total_millionths bigint NOT NULL,
    told_count smallint NOT NULL,
    estimated_count smallint NOT NULL CHECK (estimated_count BETWEEN 0 AND told_count),
    leaf bytea NOT NULL CHECK (length(leaf) = 32),
    CHECK (cardinality(values_millionths) = 1440 / step_minutes),
    CHECK (told_count BETWEEN 0 AND 1440 / step_minutes),
    PRIMARY KEY (meter_id, day)
) PARTITION BY RANGE (day);
"""
OPEN_MONTH = """
CREATE FUNCTION ledger_readings_open_month(a_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', a_day)::date;
    after date := (date_trunc('month', a_day) + interval '1 month')::date;
    part text;
BEGIN
    IF to_regclass('reporting_readings_day_' || to_char(first, 'YYYYMM')) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('ledger_readings_open_month'));
    FOREACH part IN ARRAY ARRAY['reporting_readings_piece', 'reporting_readings_day'] LOOP
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                       part || '_' || to_char(first, 'YYYYMM'), part, first, after);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('reporting_parks', '0002_meters_say_more'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DAY, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name='Day',
                    fields=[
                        ('pk', models.CompositePrimaryKey('meter_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('meter_id', models.UUIDField(verbose_name='meter')),
                        ('day', models.DateField(verbose_name='day')),
                        ('version', models.IntegerField(verbose_name='version')),
                        ('step_minutes', models.SmallIntegerField(verbose_name='minutes of a reading')),
                        ('values_millionths', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), size=None, verbose_name='readings, millionths')),
                        ('marks', models.CharField(blank=True, max_length=96, verbose_name='quality')),
                        ('hours_millionths', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), size=None, verbose_name='by the hour, millionths')),
                        ('total_millionths', models.BigIntegerField(verbose_name='in all, millionths')),
                        ('told_count', models.SmallIntegerField(verbose_name='count of readings')),
                        ('estimated_count', models.SmallIntegerField(verbose_name='estimated')),
                        ('leaf', models.BinaryField(max_length=32, verbose_name='leaf')),
                    ],
                    options={
                        'verbose_name': 'day of a meter',
                        'verbose_name_plural': 'days of meters',
                        'abstract': False,
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='Month',
            fields=[
                ('id', models.UUIDField(default=ledger.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('park_id', models.UUIDField(verbose_name='park')),
                ('month', models.DateField(verbose_name='month')),
                ('total_millionths', models.DecimalField(decimal_places=0, default=0, max_digits=24, verbose_name='in all, millionths')),
                ('day_count', models.SmallIntegerField(default=0, verbose_name='days with readings')),
                ('told_count', models.IntegerField(default=0, verbose_name='count of readings')),
                ('estimated_count', models.IntegerField(default=0, verbose_name='estimated')),
                ('expected_count', models.IntegerField(default=0, verbose_name='readings expected')),
                ('corrected_count', models.IntegerField(default=0, verbose_name='corrected days')),
                ('root', models.CharField(blank=True, max_length=64, verbose_name='Merkle root of its days')),
            ],
            options={
                'verbose_name': 'month of a meter',
                'verbose_name_plural': 'months of meters',
                'ordering': ['-month', 'meter__number'],
                'abstract': False,
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(PIECE, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name='Piece',
                    fields=[
                        ('pk', models.CompositePrimaryKey('meter_id', 'day', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('meter_id', models.UUIDField(verbose_name='meter')),
                        ('day', models.DateField(verbose_name='day')),
                        ('version', models.IntegerField(verbose_name='version')),
                        ('step_minutes', models.SmallIntegerField(verbose_name='minutes of a reading')),
                        ('values_millionths', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), size=None, verbose_name='readings, millionths')),
                        ('marks', models.CharField(blank=True, max_length=96, verbose_name='quality')),
                        ('upload_id', models.UUIDField(verbose_name='file')),
                    ],
                    options={
                        'verbose_name': 'readings as told',
                        'verbose_name_plural': 'readings as told',
                        'abstract': False,
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=ledger.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('party_id', models.UUIDField(db_index=True, verbose_name='party')),
                ('file_id', models.UUIDField(verbose_name='file')),
                ('file_name', models.CharField(max_length=255, verbose_name='file name')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('stamp', models.CharField(choices=[('START', 'when its interval begins'), ('END', 'when its interval ends')], default='START', max_length=5, verbose_name='the time says')),
                ('state', models.CharField(choices=[('WAITING', 'being read'), ('TAKEN', 'taken in'), ('REFUSED', 'refused')], default='WAITING', max_length=7, verbose_name='state')),
                ('row_count', models.BigIntegerField(default=0, verbose_name='rows in the file')),
                ('new_count', models.BigIntegerField(default=0, verbose_name='new readings')),
                ('corrected_count', models.BigIntegerField(default=0, verbose_name='corrections')),
                ('same_count', models.BigIntegerField(default=0, verbose_name='unchanged readings')),
                ('blank_count', models.BigIntegerField(default=0, verbose_name='rows without a value')),
                ('day_count', models.IntegerField(default=0, verbose_name='meter days')),
                ('first_day', models.DateField(null=True, verbose_name='first day')),
                ('last_day', models.DateField(null=True, verbose_name='last day told')),
                ('problem_count', models.IntegerField(default=0, verbose_name='problems')),
                ('problems', models.JSONField(default=list, verbose_name='problems')),
                ('pieces_digest', models.CharField(blank=True, max_length=64, verbose_name='digest of its pieces')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason of the corrections')),
                ('uploaded_at', models.DateTimeField(verbose_name='uploaded at')),
                ('uploaded_by', models.UUIDField(verbose_name='uploaded by')),
                ('read_at', models.DateTimeField(null=True, verbose_name='read at')),
                ('read_by', models.UUIDField(null=True, verbose_name='read by')),
            ],
            options={
                'verbose_name': 'file of readings',
                'verbose_name_plural': 'files of readings',
                'ordering': ['-uploaded_at'],
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='day',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='d768a2820947f959a15264a0ff9cc97c644f2267', operation='DELETE', pgid='pgtrigger_never_deleted_32c0d', table='reporting_readings_day', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='month',
            name='meter',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting_parks.meter', verbose_name='meter'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='piece',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='cb625ae1e2307b163ccb5035b36cac3c7bac6b40', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_65b44', table='reporting_readings_piece', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='upload',
            name='park',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting_parks.park', verbose_name='park'),
        ),
        migrations.AddIndex(
            model_name='month',
            index=models.Index(fields=['park_id', 'month'], name='meter_months_of_park'),
        ),
        migrations.AddConstraint(
            model_name='month',
            constraint=models.UniqueConstraint(fields=('meter', 'month'), name='meter_month_once'),
        ),
        migrations.AddConstraint(
            model_name='month',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='meter_month_is_a_first_day'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='month',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='61dbbac0fefcdac79d5c3e4c5180604e927904b2', operation='DELETE', pgid='pgtrigger_never_deleted_547ae', table='reporting_readings_month', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'REFUSED'), _negated=True), fields=('park', 'sha256'), name='readings_file_taken_once'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('read_at__isnull', True), ('read_by__isnull', True), ('state', 'WAITING')), models.Q(('problem_count__gt', 0), ('read_at__isnull', False), ('read_by__isnull', False), ('state', 'REFUSED')), models.Q(('problem_count', 0), ('read_at__isnull', False), ('read_by__isnull', False), ('state', 'TAKEN')), _connector='OR'), name='readings_file_is_read_or_waits'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='upload',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='d0d00afb5fd3605d094fbcbfc9eb636e1c2a0672', operation='DELETE', pgid='pgtrigger_never_deleted_a660a', table='reporting_readings_upload', when='BEFORE')),
        ),
        migrations.RunSQL(OPEN_MONTH, migrations.RunSQL.noop),
    ]
