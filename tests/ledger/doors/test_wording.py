"""Figures as readers see them: rounded half up, never cut."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from ledger.doors.wording import day, moment, number_format, period, refusal_text
from ledger.kernel.errors import DomainError

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


@pytest.mark.parametrize(
    ("language", "a_day", "a_moment"),
    [
        ("zh-hans", "2026年1月6日", "2026年1月7日 00:30"),
        ("en", "6 Jan 2026", "7 Jan 2026, 00:30"),
    ],
)
def test_days_and_moments_are_of_the_readers_language_and_clock(language, a_day, a_moment):
    with translation.override(language):
        assert day(date(2026, 1, 6)) == day("2026-01-06") == a_day
        assert moment(datetime(2026, 1, 6, 16, 30, tzinfo=UTC)) == a_moment
        assert refusal_text(TooEarly(on=date(2026, 1, 6))) == f"not before {a_day}"


class TooEarly(DomainError):
    code = "too_early"
    message = "not before %(on)s"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (date(2025, 1, 1), date(2026, 1, 1), "2025"),
        (date(2024, 1, 1), date(2026, 1, 1), "2024–2025"),
        (date(2025, 4, 1), date(2025, 7, 1), "1 Apr 2025 – 30 Jun 2025"),
    ],
)
def test_a_period_ends_on_its_last_day(start, end, said):
    with translation.override("en"):
        assert period(start, end) == said


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
