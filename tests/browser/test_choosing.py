"""A long list of choices is searched by name, by mouse and keyboard, in light and in dark."""

import os

import pytest

from tests.browser.test_desk import enter
from tests.browser.test_holdings import in_english

pytestmark = [pytest.mark.browser, pytest.mark.demo]


def shot(page, name):
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=False)


def choose(page, field, typed, name):
    """Open the field, type a part of the name, take the one that is left."""
    page.locator(f"#id_{field} + .select2 .select2-selection").click()
    search = page.locator(".select2-search__field")
    search.press_sequentially(typed)
    assert search.bounding_box()["width"] > 150  # wide enough for a name
    found = page.locator(".select2-results__option")
    found.filter(has_text=name).first.wait_for()
    shot(page, f"choosing-{typed}")
    assert found.count() == 1
    page.keyboard.press("Enter")


def test_an_instrument_is_found_by_its_name_in_both_languages(page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/admin/units/holdings/")
    choose(page, "scheme", "自愿", "自愿减排")
    page.get_by_role("button", name="显示").click()
    assert "scheme=CCER" in page.url
    in_english(page)
    page.emulate_media(color_scheme="dark")
    page.goto("/admin/units/holdings/")
    choose(page, "scheme", "i-rec", "I-REC")
    page.get_by_role("button", name="Show").click()
    assert "scheme=IREC" in page.url


def brightness(page, selector, what):
    """From 0 (black) to 255, of a colour as the browser draws it."""
    return page.locator(selector).first.evaluate(
        """(element, what) => {
            const canvas = document.createElement("canvas").getContext("2d");
            canvas.fillStyle = getComputedStyle(element)[what];
            canvas.fillRect(0, 0, 1, 1);
            const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
            return (red + green + blue) / 3;
        }""",
        what,
    )


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/units/holdings/", "/admin/planner/new/", "/admin/ledger_units/lot/"]
)
def test_in_the_dark_pages_are_dark_and_their_words_are_light(page, sign_in, path):
    page.emulate_media(color_scheme="dark")
    enter(page, sign_in, "manager")
    page.goto(path)
    shot(page, f"dark{path.replace('/', '-')}")
    assert brightness(page, "body", "backgroundColor") < 60
    assert brightness(page, "main h1, main h2, #main h1, #main h2, h1, h2", "color") > 150
