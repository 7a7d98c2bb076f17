"""Codes of ours that stand on a page where a word should."""

import re
from html.parser import HTMLParser

from django.apps import apps
from django.utils import translation

from ledger.kernel.regions import PROVINCES

# Where a code is the name: of a scheme, a registry, a source, a rule set, a parameter's scope.
NAMES = frozenset(
    {
        "ledger_instruments.Scheme",
        "ledger_instruments.Registry",
        "ledger_instruments.Project",
        "ledger_compliance.Regime",
        "finance_prices.PriceSource",
        "ledger_parameters.Parameter",
        "ledger_imports.ImportRow",  # the file's own words, as they came
    }
)
PLACED = frozenset({"reporting_factors.Factor", "reporting_parks.Park"})
PUBLICATIONS = re.compile("ETS_NOTICE|HEAT_DEFAULT|MEE_GRID|STEEL_GUIDE|PILOT_[A-Z]{2}")
WORD = re.compile(r"(?<![\w-])[A-Z][A-Z_]{3,}(?![\w-])")
TERMS = {"CCUS"}  # Chinese writes them so, too
SILENT = frozenset({"script", "style", "code", "pre", "template"})


class Seen(HTMLParser):
    """What a reader sees of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in SILENT:
            self.silent.append(tag)

    def handle_endtag(self, tag):
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data):
        if not self.silent:
            self.parts.append(data)


def seen(page: bytes) -> str:
    reader = Seen()
    reader.feed(page.decode())
    return " ".join(" ".join(reader.parts).split())


def around(text: str, word: str) -> str:
    at = text.index(word)
    return text[max(0, at - 40) : at + 40]


def codes() -> frozenset[str]:
    """Values of choices whose Chinese name is another."""
    rooms = [
        one
        for one in apps.get_models()
        if one.__module__.split(".")[0] in {"ledger", "finance", "reporting"}
    ]
    with translation.override("zh-hans"):
        return (
            frozenset(
                str(value)
                for model in rooms
                for field in model._meta.get_fields()
                for value, name in getattr(field, "flatchoices", ())
                if WORD.fullmatch(str(value)) and str(name) != str(value)
            )
            - TERMS
        )


def codes_on(label: str, text: str, known: set[str], kinds: set[str]) -> set[str]:
    """What stands where a word should, on a page of that list or of its first object."""
    words = set(WORD.findall(PUBLICATIONS.sub("", text)))
    found = {around(text, word) for word in words if word in known or "_" in word}
    if label in PLACED:
        found |= {code for code in PROVINCES if f" {code} " in text}
    if label == "ledger_jobs.Job":
        found |= {kind for kind in kinds if kind in text}
    return found
