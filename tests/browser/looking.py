"""What a page owes to who cannot see it, or not well, or uses no mouse: WCAG 2.2, level AA."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# The rules of axe that WCAG 2.2 A and AA ask for, and of the good habits those about structure.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
    },
    "rules": {
        "target-size": {"enabled": True},
        **{
            habit: {"enabled": True}
            for habit in (
                "region", "landmark-one-main", "landmark-unique", "page-has-heading-one",
                "heading-order", "empty-heading", "skip-link", "label-title-only",
                "scope-attr-valid", "empty-table-header", "image-redundant-alt",
            )
        },
    },
    "resultTypes": ["violations"],
}  # fmt: skip

# Where the keyboard stands: what it is, whether it can be seen, and whether it is marked.
FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 1);
    const y = Math.min(Math.max(box.y + box.height / 2, 1), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    window.known ??= new Map();
    if (!window.known.has(one)) window.known.set(one, window.known.size);
    return {
        number: window.known.get(one),
        what: one.outerHTML.slice(0, 160),
        seen: box.width > 0 && box.height > 0 && style.visibility !== "hidden"
            && (one.contains(top) || top?.contains(one) || Boolean(one.labels?.[0]?.contains(top))),
        marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
            || style.boxShadow !== "none",
    };
}"""

# All that has an act on a click and that no keyboard reaches.
UNREACHED = """() => [...document.querySelectorAll("*")]
    .filter(one => [...one.attributes].some(told => /^(onclick|x-on:click)$/.test(told.name)))
    .filter(one => !one.matches("a[href], button, input, select, textarea, summary"))
    .filter(one => one.id !== "changelist-filter-close")  // beside a dialog, which Escape leaves
    .map(one => one.outerHTML.slice(0, 160))"""

# What sticks out to the right of a narrow window, outside of what scrolls by itself.
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const scrolls = one => {
        for (let at = one; at && at !== document.body; at = at.parentElement) {
            const style = getComputedStyle(at);
            if (style.overflowX !== "visible" || style.position === "fixed") return true;
        }
        return false;
    };
    return [...document.body.querySelectorAll("*")]
        .filter(one => one.getBoundingClientRect().right > width + 1 && !scrolls(one))
        .map(one => one.outerHTML.slice(0, 160)).slice(0, 5);
}"""


def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def faults(page: Page) -> list[str]:
    """What axe finds: rule, place, and what it says."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_axe())
    told: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{fault['id']}: {' '.join(map(str, node['target']))}: "
        f"{node['html'][:200]} {'; '.join(why['message'] for why in node['any'][:1])}"
        for fault in told["violations"]
        for node in fault["nodes"]
    ]


def walk(page: Page, *, steps: int = 400) -> list[dict[str, Any]]:
    """Tab from the top of the page until it begins again: each place where the keyboard stood."""
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    stood: list[dict[str, Any]] = []
    for _step in range(steps):
        page.keyboard.press("Tab")
        place = page.evaluate(FOCUS)
        if place is None or any(place["number"] == one["number"] for one in stood):
            return stood
        stood.append(place)
    raise AssertionError(f"after {steps} steps the keyboard has not come round")


def unreached(page: Page) -> list[str]:
    """What a mouse can press and the keyboard cannot."""
    found: list[str] = page.evaluate(UNREACHED)
    return found


def too_wide(page: Page) -> list[str]:
    found: list[str] = page.evaluate(TOO_WIDE)
    return found
