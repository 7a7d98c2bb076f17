"""What looks odd in a period's readings: asked of the database as a whole, meter by meter.

Each question is one statement over the days of the period, so that ten thousand meters are looked
at in seconds. What is odd, and how grave, is decided above; here are the facts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from ledger.kernel.periods import Period
from reporting.readings import rules


@dataclass(frozen=True, slots=True)
class Oddity:
    """One kind of oddness of one meter in one month: on how many days, since when, and how far."""

    kind: str
    meter_id: UUID
    month: date
    first_on: date
    count: int
    value: Decimal


_DAYS = """
SELECT d.* FROM reporting_readings_day AS d
JOIN reporting_parks_meter AS m ON m.id = d.meter_id
JOIN reporting_parks_source AS s ON s.id = m.source_id
WHERE s.park_id = %(park)s AND d.day >= %(start)s AND d.day < %(end)s
"""
# Days that a meter owes: it stood on them, and the period has begun to be told of.
_GAPS = """
SELECT m.id, w.month, min(w.day), sum(w.owed - coalesce(d.told_count, 0)), 0
FROM reporting_parks_meter AS m
JOIN reporting_parks_source AS s ON s.id = m.source_id
JOIN reporting_readings_month AS t
  ON t.meter_id = m.id AND t.month >= %(start)s AND t.month < %(end)s AND t.told_count > 0
JOIN LATERAL (
    SELECT g::date AS day, t.month, 1440 / coalesce(m.step_minutes, 60) AS owed
    FROM generate_series(t.month, t.month + interval '1 month' - interval '1 day', '1 day') AS g
    WHERE g::date >= m.valid_from AND (m.valid_to IS NULL OR g::date < m.valid_to)
      AND g::date < %(today)s) AS w ON true
LEFT JOIN reporting_readings_day AS d ON d.meter_id = m.id AND d.day = w.day
WHERE s.park_id = %(park)s AND t.told_count < t.expected_count
  AND coalesce(d.told_count, 0) < w.owed
GROUP BY m.id, w.month
"""
_NEGATIVE = """
SELECT meter_id, date_trunc('month', day)::date, min(day), count(*),
       min((SELECT min(v) FROM unnest(values_millionths) AS v))
FROM ({days}) AS d WHERE 0 > ANY (values_millionths) GROUP BY 1, 2
"""
# A day on which each reading is the same, and not nought; but for sums that were laid evenly.
_FROZEN = """
SELECT meter_id, date_trunc('month', day)::date, min(day), count(*), max(values_millionths[1])
FROM ({days}) AS d
WHERE told_count > 1 AND values_millionths[1] <> 0 AND position('s' IN marks) = 0
  AND values_millionths[1] = ALL (values_millionths)
GROUP BY 1, 2 HAVING count(*) >= %(frozen_days)s
"""
# An hour so many times the month's usual hour.
_SPIKES = """
WITH days AS ({days}),
usual AS (SELECT meter_id, date_trunc('month', day)::date AS month,
                 sum(total_millionths) * 60.0
                     / nullif(sum(told_count) * max(step_minutes), 0) AS hour
          FROM days GROUP BY 1, 2),
highest AS (SELECT meter_id, day,
                   (SELECT max(h) FROM unnest(hours_millionths) AS h) AS top FROM days)
SELECT h.meter_id, u.month, min(h.day), count(*), max(h.top) / max(u.hour)
FROM highest AS h
JOIN usual AS u ON u.meter_id = h.meter_id AND u.month = date_trunc('month', h.day)::date
WHERE u.hour > 0 AND h.top > %(spike_times)s * u.hour
GROUP BY 1, 2
"""
# Two meters that read the very same, day after day: one was written off from the other.
_TWINS = """
WITH days AS (SELECT meter_id, day, total_millionths, values_millionths FROM ({days}) AS d
              WHERE total_millionths <> 0 AND told_count > 1
                AND (values_millionths[1] = ALL (values_millionths)) IS NOT TRUE),
alike AS (SELECT day, total_millionths FROM days GROUP BY 1, 2 HAVING count(*) > 1),
turns AS (SELECT d.meter_id, d.day,
                 row_number() OVER (PARTITION BY d.day, md5(d.values_millionths::text)
                                    ORDER BY d.meter_id) AS turn
          FROM days AS d JOIN alike AS a
            ON a.day = d.day AND a.total_millionths = d.total_millionths)
SELECT meter_id, date_trunc('month', day)::date, min(day), count(*), 0
FROM turns WHERE turn > 1 GROUP BY 1, 2 HAVING count(*) >= %(twin_days)s
"""
# A day about a thousand times the meter's usual day, or a thousandth of it: another unit.
_UNITS = """
WITH days AS ({days}),
usual AS (SELECT meter_id, date_trunc('month', day)::date AS month,
                 percentile_disc(0.5) WITHIN GROUP (ORDER BY abs(total_millionths)) AS day_total
          FROM days WHERE total_millionths <> 0 GROUP BY 1, 2)
SELECT d.meter_id, u.month, min(d.day), count(*),
       max(abs(d.total_millionths)::numeric / u.day_total)
FROM days AS d
JOIN usual AS u ON u.meter_id = d.meter_id AND u.month = date_trunc('month', d.day)::date
WHERE d.total_millionths <> 0 AND u.day_total > 0
  AND (abs(d.total_millionths) > %(unit_times)s * u.day_total
       OR abs(d.total_millionths) * %(unit_times)s < u.day_total)
GROUP BY 1, 2
"""
_QUESTIONS: Mapping[str, str] = {
    "gap": _GAPS,
    "negative": _NEGATIVE.replace("{days}", _DAYS),
    "frozen": _FROZEN.replace("{days}", _DAYS),
    "spike": _SPIKES.replace("{days}", _DAYS),
    "duplicate": _TWINS.replace("{days}", _DAYS),
    "unit": _UNITS.replace("{days}", _DAYS),
}
_MILLIONTHS = {"negative", "frozen"}


def oddities(
    park_id: UUID, period: Period, *, limits: Mapping[str, Decimal], today: date
) -> Iterator[Oddity]:
    """Everything odd in whole months. `limits`: frozen_days, spike_times, twin_days, unit_times."""
    given: dict[str, Any] = {
        "park": park_id,
        "start": period.start,
        "end": period.end,
        "today": today,
        **limits,
    }
    for kind, question in _QUESTIONS.items():
        for meter_id, month, first_on, count, value in _answers(question, given):
            told = Decimal(value or 0)
            told = told.scaleb(-rules.SCALE) if kind in _MILLIONTHS else round(told, 1)
            yield Oddity(kind, meter_id, month, first_on, int(count), told)


def _answers(question: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Sets are joined as sets: of days just taken in the planner knows no number, and would walk
    one list for each row of the other.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(question, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = on")
    return rows
