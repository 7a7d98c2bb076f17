"""The drill: back up, lose everything after it, restore; the log notices what is gone."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from config import backup
from config.embedded.postgres import OWNER, Cluster
from config.env import DatabaseAddress
from ledger.audit import keys, operations, queries
from ledger.jobs.models import Job
from ledger.jobs.states import JobState
from ledger.kernel.actors import SYSTEM, Actor
from reporting.packages import operations as packages
from reporting.packages import tasks
from reporting.packages.models import Report
from tests.conftest import superuser_url
from tests.reporting.packages.test_killed_worker import verified_facility

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


def owner_of(database: str) -> DatabaseAddress:
    data = Path(os.environ["TANZHANG_TEST_CLUSTER"])
    return DatabaseAddress.parse("X", Cluster(data, data.parent / "s").url(OWNER, database))


def happen(count: int) -> None:
    happenings = [
        operations.Happening(verb="thing.made", subject=f"things.Thing:{i}", data={"n": i})
        for i in range(count)
    ]
    operations.record_many(happenings, by=SYSTEM, at=NOON)


def seal() -> operations.Sealed:
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    return operations.seal_events(by=SYSTEM, at=NOON, key=signer)


@pytest.fixture
def product(committed_db: str, settings, tmp_path) -> backup.Source:
    """A log with a key, five sealed events and one evidence file."""
    settings.KEY_DIR = tmp_path / "keys"
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    operations.make_keys(by=SYSTEM, at=NOON, is_demonstration=True)
    happen(5)
    seal()
    (tmp_path / "files" / "ab").mkdir(parents=True)
    (tmp_path / "files" / "ab" / "bill.pdf").write_bytes(b"a bill")
    return backup.Source(
        database=owner_of(committed_db),
        files=tmp_path / "files",
        checkpoints=tmp_path / "checkpoints",
    )


@pytest.fixture
def empty_database(django_db_setup) -> Iterator[str]:
    name = f"r_{uuid4().hex[:12]}"
    with psycopg.connect(superuser_url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
        yield name
        connection.close()
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def put_back(folder: Path, target: backup.Source, settings) -> None:
    """Restore, and become the application of the restored database."""
    backup.restore(folder=folder, target=target)
    before = dict(connection.settings_dict)
    address = target.database
    settings.DATABASE_ADMIN_URL = (
        f"postgresql://{address.user}:{address.password}@/{address.name}?host={address.host}"
    )
    call_command("prepare_database", verbosity=0)
    connection.close()
    connection.settings_dict.update({**before, "NAME": address.name})


def test_a_restored_copy_that_lost_its_tail_neither_seals_nor_signs(
    product, empty_database, settings, tmp_path
):
    backup.back_up(to=tmp_path / "backup", source=product, at=NOON)
    happen(3)
    seal()  # a checkpoint of the lost events is outside

    there = backup.Source(owner_of(empty_database), tmp_path / "files2", product.checkpoints)
    put_back(tmp_path / "backup", there, settings)

    with pytest.raises(queries.OutsideCheckpointAhead):
        queries.check_not_behind_outside_checkpoint()
    happen(1)
    with pytest.raises(queries.OutsideCheckpointAhead):
        seal()
    assert (tmp_path / "files2" / "ab" / "bill.pdf").read_bytes() == b"a bill"


def make_report(frozen_id: UUID, manager: Actor) -> tuple[Job, int]:
    """The whole job in a transaction that is taken back: no worker hears of it."""
    with transaction.atomic():
        asked = packages.request_report(
            frozen_inventory_id=frozen_id, language="en", by=manager, at=NOON
        )
        tasks.make_report(job_id=str(asked))
        job, signed_count = Job.objects.get(pk=asked), Report.objects.filter(is_draft=False).count()
        transaction.set_rollback(True)
    return job, signed_count


def test_a_restored_copy_that_lost_its_tail_signs_no_report(
    product, empty_database, settings, tmp_path
):
    evidence = {**settings.STORAGES["evidence"], "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "evidence": evidence}
    frozen, manager = verified_facility()
    seal()
    backup.back_up(to=tmp_path / "backup", source=product, at=NOON)
    happen(3)
    seal()  # a checkpoint of the lost events is outside
    job, signed_count = make_report(frozen.id, manager)
    assert (job.state, signed_count) == (JobState.DONE, 1), job.error

    there = backup.Source(owner_of(empty_database), tmp_path / "files2", product.checkpoints)
    put_back(tmp_path / "backup", there, settings)
    job, signed_count = make_report(frozen.id, manager)
    assert (job.state, signed_count) == (JobState.FAILED, 0)
    assert "outside" in job.error


def test_a_whole_copy_goes_on_where_the_old_one_stopped(
    product, empty_database, settings, tmp_path
):
    size = queries.seal_state().sealed_count
    backup.back_up(to=tmp_path / "backup", source=product, at=NOON)
    there = backup.Source(owner_of(empty_database), tmp_path / "files2", tmp_path / "cp2")
    settings.CHECKPOINT_DIR = tmp_path / "cp2"
    put_back(tmp_path / "backup", there, settings)

    happen(2)
    assert seal().tree_size == size + 2
    call_command("verify_ledger")


def test_the_application_has_no_more_rights_after_a_restore_than_before(
    product, empty_database, settings, tmp_path
):
    backup.back_up(to=tmp_path / "backup", source=product, at=NOON)
    there = backup.Source(owner_of(empty_database), None, None)
    put_back(tmp_path / "backup", there, settings)
    with psycopg.connect(superuser_url(empty_database)) as admin:
        rights = admin.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = 'tanzhang_app' ORDER BY 1, 2"
        ).fetchall()
    with psycopg.connect(superuser_url(product.database.name)) as admin:
        before = admin.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = 'tanzhang_app' ORDER BY 1, 2"
        ).fetchall()
    assert rights == before


def test_a_backup_holds_no_keys_and_is_never_written_over(product, tmp_path):
    backup.back_up(to=tmp_path / "backup", source=product, at=NOON)
    assert not [file for file in (tmp_path / "backup").rglob("*") if "key" in file.name]
    with pytest.raises(backup.CannotBackUp, match="never written over another"):
        backup.back_up(to=tmp_path / "backup", source=product, at=NOON)
    with pytest.raises(backup.CannotBackUp, match="must not lie in the backup"):
        backup.pack_keys(
            keys=tmp_path / "keys", to=tmp_path / "backup" / "k.tar.gz", backup=tmp_path / "backup"
        )


def test_packed_keys_come_back_as_they_were(product, tmp_path):
    backup.pack_keys(keys=tmp_path / "keys", to=tmp_path / "k.tar.gz", backup=tmp_path / "backup")
    assert (tmp_path / "k.tar.gz").stat().st_mode & 0o077 == 0
    with pytest.raises(backup.CannotBackUp, match="there are keys already"):
        backup.unpack_keys(file=tmp_path / "k.tar.gz", keys=tmp_path / "keys")
    backup.unpack_keys(file=tmp_path / "k.tar.gz", keys=tmp_path / "other")
    old, new = (
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir() if file.is_file()}
        for name in ("keys", "other")
    )
    assert old == new


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda folder: (folder / "files/ab/bill.pdf").write_bytes(b"b bill"), "was changed after"),
        (lambda folder: (folder / "files/ab/bill.pdf").unlink(), "is missing from the backup"),
        (lambda folder: (folder / "files/new.pdf").write_bytes(b""), "is not in the manifest"),
        (lambda folder: (folder / "manifest.json").unlink(), "not a whole backup"),
        (lambda folder: (folder / "manifest.json").write_text(json.dumps({})), "another format"),
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_restored(
    damage, sentence, product, empty_database, tmp_path
):
    folder = tmp_path / "backup"
    backup.back_up(to=folder, source=product, at=NOON)
    damage(folder)
    target = backup.Source(owner_of(empty_database), tmp_path / "files2", tmp_path / "cp2")
    with pytest.raises(backup.CannotBackUp, match=sentence):
        backup.restore(folder=folder, target=target)
    assert not (tmp_path / "files2").exists()
    with psycopg.connect(superuser_url(empty_database)) as admin:
        tables = admin.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)


def test_a_database_with_tables_is_not_restored_into(product, committed_db, tmp_path):
    backup.back_up(to=tmp_path / "backup", source=product, at=NOON)
    with pytest.raises(backup.CannotBackUp, match="is not empty"):
        backup.restore(folder=tmp_path / "backup", target=product)
