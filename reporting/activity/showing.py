"""Findings, grades and what rows were made of, in words, links and tables."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ledger.doors.wording import number_format
from reporting.activity import queries
from reporting.activity.models import ActivityRow, Dataset, Finding
from reporting.readings import queries as readings

LINK = '<a class="text-primary-600 underline" href="{}">{}</a>'


def _n(text: str) -> str:
    return number_format(Decimal(text), force_grouping=True)


def sentence(finding: Finding) -> str:
    """What was found, in the reader's language."""
    told = {"first_on": "", "count": "0", "value": "0", **finding.params}
    if finding.check_code in _SENTENCES:
        said = {name: _n(told[name]) for name in ("count", "value")}
        return str(_SENTENCES[finding.check_code]()) % {**said, "first_on": told["first_on"]}
    if finding.check_code == "calibration":
        return _("It held until %(day)s.") % {"day": told["valid_to"]}
    if finding.check_code == "changed":
        return _("The readings have changed since the row was taken from them: take it again.")
    if finding.check_code == "direct_supply":
        return _missing(told["missing"])
    pairs = {"balance": ("main", "subs"), "bill": ("bill", "metered")}
    left, right = pairs.get(finding.check_code, ("before", "now"))
    unit = told.get("unit", "")
    return f"{told[left]} {unit} → {told[right]} {unit}".replace("  ", " ").strip()


_SENTENCES = {
    "gap": lambda: _("%(count)s readings are missing, the first on %(first_on)s."),
    "negative": lambda: _("On %(count)s days since %(first_on)s, down to %(value)s."),
    "frozen": lambda: _("On %(count)s days since %(first_on)s, always %(value)s."),
    "spike": lambda: _("On %(count)s days since %(first_on)s, up to %(value)s times the usual."),
    "duplicate": lambda: _("On %(count)s days since %(first_on)s."),
    "unit": lambda: _("On %(count)s days since %(first_on)s, up to %(value)s times the usual."),
}


def _missing(names: str) -> str:
    words = {
        "record": _("no record at all"),
        "generator": _("generator"),
        "agreement": _("connection agreement"),
        "line": _("line or node"),
        "generator_meter": _("meter of the generator"),
        "user_meter": _("meter of the user"),
    }
    said = _("; ").join(words.get(name, name) for name in names.split(","))
    return _("Missing: %(names)s. The power counts as the grid's.") % {"names": said}


def links_of_finding(finding: Finding) -> list[tuple[str, str]]:
    """The month of the meter, or the rows of the source."""
    dataset = reverse("admin:reporting_activity_dataset_change", args=[finding.dataset_id])
    links = [(str(finding.dataset), dataset)]
    month = readings.find_month(meter_id=finding.subject_id, month=finding.month)
    if month is not None:
        page = reverse("admin:reporting_readings_month_change", args=[month.pk])
        return [(f"{finding.subject} {finding.month:%Y-%m}", page), *links]
    rows = reverse("admin:reporting_activity_activityrow_changelist")
    return [(_("Rows"), f"{rows}?source_code={finding.subject}"), *links]


def findings_table(dataset: Dataset) -> dict[str, Any]:
    """How many findings of a year wait, by severity; a link to them."""
    page = reverse("admin:reporting_activity_finding_changelist")
    counted = queries.count_findings(dataset)
    rows = [
        [
            format_html(LINK, f"{page}?dataset__id__exact={dataset.pk}&state__exact={state}", word),
            number_format(count),
        ]
        for state, word, count in counted
    ]
    return {
        "title": _("Findings of the checks"),
        "headings": [_("state"), _("how many")],
        "rows": rows,
    }


def quality_table(dataset: Dataset) -> dict[str, Any]:
    """How well the year is known: rows by grade, and the score."""
    grades = queries.quality_of(dataset)
    rows: list[list[Any]] = [
        [grade, word, number_format(count)] for grade, word, count in grades.counts
    ]
    title = _("Quality of the data: %(score)s of 100 (limits and scores unverified)") % {
        "score": number_format(grades.score * 100, 1)
    }
    return {
        "title": title,
        "headings": [_("grade"), _("how it came about"), _("source-months")],
        "rows": rows,
    }


def meters_table(row: ActivityRow) -> dict[str, Any]:
    """The meters' months that a row was added up from, with their roots."""
    return {
        "title": _("Added up from these meters"),
        "headings": [
            _("meter"), _("as read"), _("unit"), _("multiplier"), _("count of readings"),
            _("Merkle root of its days"),
        ],
        "rows": [
            [
                _month_link(link),
                number_format(readings.millionths_as(link.total_millionths), 3,
                              force_grouping=True),
                link.unit,
                number_format(link.factor.normalize()),
                f"{number_format(link.told_count)} / {number_format(link.expected_count)}",
                format_html('<code class="text-xs">{}</code>', link.root),
            ]
            for link in queries.links_of(row.pk)
        ],
    }  # fmt: skip


def _month_link(link: Any) -> SafeString:
    month = readings.find_month(meter_id=link.meter_id, month=link.month)
    if month is None:
        return format_html("{}", link.meter.number)
    page = reverse("admin:reporting_readings_month_change", args=[month.pk])
    return format_html(LINK, page, link.meter.number)
