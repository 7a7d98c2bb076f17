"""Serial numbers of each registry: what is written is read back, and nothing else is taken."""

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.imports.layouts.serials import from_to, gold_standard, kyoto, two_ends, verra
from ledger.kernel.serials import InvalidSerialRange

firsts = st.integers(0, 10**12)
counts = st.integers(1, 10**7)
small = st.integers(0, 10**6)
countries = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)
days = st.dates(date(1990, 1, 1), date(2060, 1, 1))


def compact(day):
    return f"{day.day:02}{day.month:02}{day.year:04}"


@given(firsts, counts, small, countries, small, days, st.integers(0, 800))
def test_a_verra_serial_is_read_back(first, count, batch, country, project, start, more):  # noqa: PLR0917
    end = start + timedelta(days=more)
    text = f"{batch}-{first}-{first + count - 1}-VCS-VCU-1310-VER-{country}-13-{project}"
    found = verra(f"{text}-{compact(start)}-{compact(end)}-0")
    assert (found.first, found.last, found.count) == (first, first + count - 1, count)
    assert found.space == ("VERRA", "VCS-VCU", str(batch))
    assert (found.country, found.project) == (country, str(project))
    assert (found.period_from, found.period_to, found.vintage_year) == (start, end, start.year)


@given(firsts, counts, countries, small, st.integers(1990, 2060), small)
def test_a_gold_standard_serial_is_read_back(first, count, country, project, vintage, batch):  # noqa: PLR0917
    prefix = f"GS1-1-{country}-GS{project}-16-{vintage}-{batch}"
    found = gold_standard(f"{prefix}-{first}-{first + count - 1}")
    assert (found.first, found.count, found.space[2]) == (first, count, prefix)
    assert (found.country, found.project, found.vintage_year) == (country, f"GS{project}", vintage)


@given(firsts, counts, countries, st.integers(1, 7), small, st.sampled_from(["", " ", "  "]))
def test_a_kyoto_block_is_read_back_with_its_stray_blanks(first, count, party, unit, project, gap):  # noqa: PLR0917
    def end(number):
        return f"{party}-{unit}-{number}-2-2-0-{project}"

    last = first + count - 1
    found = kyoto(f"{gap}{end(first)}{gap} - {gap}{end(last)}{gap}")
    assert (found.first, found.last, found.space) == (
        first,
        last,
        ("CDM", "CP2", f"{party}-{unit}"),
    )
    if count > 1:
        with pytest.raises(InvalidSerialRange):
            kyoto(f"{end(last)} - {end(first)}")
    with pytest.raises(InvalidSerialRange):
        kyoto(f"{end(first)} - {party}-{unit}-{last}-2-1-0-{project}")


@given(firsts, counts, countries, small)
def test_a_range_from_to_is_read_back_and_its_batch_is_its_space(first, count, country, batch):
    prefix = f"ACR-{country}-1129-2025-{batch}"
    found = from_to(f"{prefix}-{first} to {first + count - 1}", registry="ACR")
    assert (found.first, found.count) == (first, count)
    assert found.space == ("ACR", "ACR", prefix)
    with pytest.raises(InvalidSerialRange):
        from_to(f"{prefix}-{first}", registry="ACR")


@given(firsts, counts, st.sampled_from(["", "A", "VCS-1-"]))
def test_two_ends_are_read_back_and_two_prefixes_are_refused(first, count, prefix):
    ends = partial(two_ends, registry="CAD_TRUST", programme="VCS")
    found = ends(f"{prefix}{first}", f"{prefix}{first + count - 1}")
    assert (found.first, found.count, found.space[2]) == (first, count, prefix)
    with pytest.raises(InvalidSerialRange):
        ends(f"{prefix}{first}", f"B{first + count - 1}")


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (verra, "19380-941382555-VCS-VCU"),
        (verra, "1-20-10-VCS-VCU-1-VER-CN-13-3005-01012022-31102022-0"),
        (verra, "1-10-20-VCS-VCU-1-VER-CN-13-3005-31022022-31102022-0"),
        (gold_standard, "GS1-1-KE-GS11603-16-2025-30256-5463-110"),
        (gold_standard, "GS1-1-KE-GS11603-16-2025"),
        (kyoto, "CN-5-1-2-2-0-1"),
        (partial(from_to, registry="ACR"), "ACR-US-1-2-3-20 to 10"),
        (partial(from_to, registry="ACR"), "no serial"),
        (partial(from_to, registry="ACR"), ""),
    ],
)
def test_what_is_no_serial_of_the_registry_is_refused(parse, text):
    with pytest.raises(InvalidSerialRange):
        parse(text)
