"""What `verify_ledger` says of activity data and files that were altered behind the log."""

from uuid import uuid4

import pytest

from ledger.audit import operations as audit
from ledger.files import queries as files
from ledger.files.models import StoredFile
from ledger.files.rules import path_of
from reporting.activity import queries
from reporting.activity.rules import UploadHasProblems
from tests.reporting.activity.conftest import NOON, OFFICER
from tests.reporting.activity.test_upload import HEAD, upload

TWO_MONTHS = HEAD + "GRID,2025-01,10123.456789123456,kWh,B-1,\nGRID,2025-02,1e-11,MWh,,\n"


@pytest.fixture
def taken_in(park):
    return upload(park, TWO_MONTHS)


def test_untouched_rows_and_files_have_no_fault(taken_in):
    assert list(queries.check_rows_against_events()) == []
    assert list(files.check_rows_and_contents()) == []


def test_altered_bytes_are_named(taken_in, own_folder):
    stored = StoredFile.objects.get(pk=taken_in.file_id)
    place = own_folder / path_of(stored.sha256)
    place.write_bytes(place.read_bytes().replace(b"10123", b"99123"))
    (fault,) = files.check_rows_and_contents()
    assert (fault.kind, fault.subject) == ("files.content", f"files.StoredFile:{stored.pk}")


def test_lost_bytes_are_named(taken_in, own_folder):
    stored = StoredFile.objects.get(pk=taken_in.file_id)
    (own_folder / path_of(stored.sha256)).unlink()
    (fault,) = files.check_rows_and_contents()
    assert fault.text == "its bytes are not in the file store"


def test_a_row_that_only_the_log_tells_of_is_named(taken_in):
    gone = uuid4()
    audit.record(
        verb="activity.rows_recorded",
        subject=f"activity.Dataset:{taken_in.dataset_id}",
        by=OFFICER,
        at=NOON,
        data={"rows": {str(gone): "0" * 64}},
    )
    (fault,) = queries.check_rows_against_events()
    assert (fault.subject, fault.text) == (
        f"activity.ActivityRow:{gone}",
        "its event is there, the row is gone",
    )


def test_an_amount_beyond_all_sense_is_a_bad_cell(park):
    with pytest.raises(UploadHasProblems):
        upload(park, HEAD + "GRID,2025-01,1e30,MWh,,\n")
