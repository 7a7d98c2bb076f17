"""Figures as readers see them: rounded half up, never cut."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from ledger.doors.wording import number_format

ROOT = Path(__file__).resolve().parents[3]
# documents to be signed write exact figures, without groups and of no language
OF_NO_LANGUAGE = {"use_of_units.py", "attestation.py", "security.py"}


@pytest.mark.parametrize(
    ("value", "places", "said"),
    [
        ("10.0274725", 2, "10.03"),
        ("0.015", 2, "0.02"),
        ("-2.675", 2, "-2.68"),
        ("1234567.895", 2, "1,234,567.90"),
        ("12345678901234567890123456.785", 2, "12,345,678,901,234,567,890,123,456.79"),
    ],
)
def test_a_figure_is_rounded_half_up(value, places, said):
    with translation.override("zh-hans"):
        assert number_format(Decimal(value), places, force_grouping=True) == said


def test_no_page_cuts_digits_off():
    """Django's own number_format would: 10.027 % would be shown as 10.02 %."""
    cutting = [
        file.name
        for storey in ("ledger", "finance", "reporting", "config")
        for file in (ROOT / storey).rglob("*.py")
        if file.name not in OF_NO_LANGUAGE
        and any(
            line.startswith("from django.utils.formats") and "number_format" in line
            for line in file.read_text().splitlines()
        )
    ]
    assert cutting == []
