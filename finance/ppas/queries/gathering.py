"""What a settlement is made of, for many contracts and months at once: set-based SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from finance.ppas.models import Contract, Volume
from finance.ppas.queries.contracts import newest_volumes
from finance.ppas.queries.metering import rows_expected
from finance.ppas.rules.quantities import Curve, Volumes, part_of
from finance.ppas.rules.statement import MeterShare
from finance.ppas.states import Matching, Side

Key = tuple[UUID, date]
NOTHING: Mapping[str, int] = {}


@dataclass(slots=True)
class Gathered:
    """One month of one contract."""

    meters: list[MeterShare] = field(default_factory=list)
    generated: dict[str, int] = field(default_factory=dict)
    consumed: dict[str, int] = field(default_factory=dict)
    matched: dict[str, int] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    seller_short: int = 0
    buyer_short: int = 0


# The meters of each contract and month, with the newest sum of each.
_METERS = """
SELECT s.contract_id, w.month, p.id, p.side, p.grain, s.share_bps,
       m.id, coalesce(m.energy_wh, 0), m.missing_count
FROM unnest(%(months)s::date[]) AS w(month)
JOIN (SELECT contract_id, point_id, validity, sum(upper(band) - lower(band))::int AS share_bps
      FROM finance_ppas_slice WHERE contract_id = ANY(%(contracts)s)
      GROUP BY contract_id, point_id, validity) s ON s.validity @> w.month
JOIN finance_ppas_point p ON p.id = s.point_id
LEFT JOIN LATERAL (
    SELECT id, energy_wh, missing_count FROM finance_ppas_metermonth
    WHERE point_id = p.id AND month = w.month ORDER BY version DESC LIMIT 1) m ON true
ORDER BY s.contract_id, w.month, p.side DESC, p.code
"""

# The hours of these meters as they stand; `letter` is the hour of use of the contract's tariff.
_HOURS = """
CREATE TEMP TABLE ppa_part ON COMMIT DROP AS
SELECT s.contract_id, w.month, (w.month + interval '1 month')::date AS next_month, s.point_id,
       p.side = 'GENERATION' AS is_generation, s.share_bps, c.tariff_hours, c.matching
FROM unnest(%(months)s::date[]) AS w(month)
JOIN (SELECT contract_id, point_id, validity, sum(upper(band) - lower(band))::int AS share_bps
      FROM finance_ppas_slice WHERE contract_id = ANY(%(contracts)s)
      GROUP BY contract_id, point_id, validity) s ON s.validity @> w.month
JOIN finance_ppas_point p ON p.id = s.point_id AND p.grain = 'HOUR'
JOIN finance_ppas_contract c ON c.id = s.contract_id
"""

_ROWS = """
FROM ppa_part t
JOIN finance_ppas_reading r
  ON r.point_id = t.point_id AND r.day >= t.month AND r.day < t.next_month AND r.hour >= 0
WHERE t.matching = %(matching)s
  AND NOT EXISTS (SELECT 1 FROM finance_ppas_reading n
                  WHERE n.version > 1 AND n.point_id = r.point_id AND n.day = r.day
                    AND n.hour = r.hour AND n.version > r.version)
"""

# By month: a contract's share is taken of the sum, so that nothing is lost to rounding by hours.
_BY_LETTER = f"""
SELECT contract_id, month, is_generation, letter, sum(energy_wh * share_bps / 10000)::bigint
FROM (SELECT t.contract_id, t.month, t.is_generation, t.point_id, t.share_bps,
             substr(t.tariff_hours, (extract(month FROM r.day)::int - 1) * 24 + r.hour + 1, 1)
               AS letter,
             sum(r.energy_wh)::bigint AS energy_wh
      {_ROWS} AND t.tariff_hours <> ''
      GROUP BY 1, 2, 3, 4, 5, 6) AS summed
GROUP BY 1, 2, 3, 4
"""  # noqa: S608  constants of this module

# Hour by hour: the lesser of both sides, and of the contracted curve where there is one.
_BY_HOUR = f"""
SELECT contract_id, month, letter, sum(g)::bigint, sum(u)::bigint, sum(least(g, u))::bigint,
       sum(least(g, u, c))::bigint,
       sum(greatest(0, greatest(0, c - g) - greatest(0, c - u)))::bigint,
       sum(greatest(0, greatest(0, c - u) - greatest(0, c - g)))::bigint
FROM (
    SELECT h.contract_id, h.month, h.letter, h.g, h.u,
           (v.hours_wh ->> h.hour::int)::bigint AS c
    FROM (SELECT t.contract_id, t.month, r.day, r.hour,
                 substr(t.tariff_hours, (extract(month FROM r.day)::int - 1) * 24 + r.hour + 1, 1)
                   AS letter,
                 coalesce(sum(r.energy_wh * t.share_bps / 10000)
                          FILTER (WHERE t.is_generation), 0) AS g,
                 coalesce(sum(r.energy_wh * t.share_bps / 10000)
                          FILTER (WHERE NOT t.is_generation), 0) AS u
          {_ROWS}
          GROUP BY 1, 2, 3, 4, 5) AS h
    LEFT JOIN (SELECT DISTINCT ON (contract_id, month) contract_id, month, hours_wh
               FROM finance_ppas_volume WHERE contract_id = ANY(%(contracts)s)
               ORDER BY contract_id, month, version DESC) v
      ON v.contract_id = h.contract_id AND v.month = h.month) AS hours
GROUP BY 1, 2, 3
"""  # noqa: S608  constants of this module


def gather(contracts: Sequence[Contract], months: Sequence[date]) -> dict[Key, Gathered]:
    """The meters and energies of contracts in months; runs inside the caller's transaction."""
    asked: dict[str, Any] = {"contracts": [one.pk for one in contracts], "months": list(months)}
    found: dict[Key, Gathered] = {}
    hourly = [one for one in contracts if one.matching == Matching.HOUR]
    by_letter = [one for one in contracts if one.tariff_hours and one not in hourly]
    with connection.cursor() as cursor:
        cursor.execute(_METERS, asked)
        for row in cursor.fetchall():
            _take_meter(found, row)
        if hourly or by_letter:
            cursor.execute("DROP TABLE IF EXISTS ppa_part")
            cursor.execute(
                _HOURS, {**asked, "contracts": [one.pk for one in [*hourly, *by_letter]]}
            )
            cursor.execute("ANALYZE ppa_part")
        if by_letter:
            cursor.execute(_BY_LETTER, {**asked, "matching": Matching.MONTH})
            for contract_id, month, is_generation, letter, energy in cursor.fetchall():
                one = found[contract_id, month]
                (one.generated if is_generation else one.consumed)[letter] = energy
        if hourly:
            cursor.execute(_BY_HOUR, {**asked, "matching": Matching.HOUR})
            for row in cursor.fetchall():
                _take_hours(found[row[0], row[1]], row[2:])
    return found


def _take_meter(found: dict[Key, Gathered], row: Sequence[Any]) -> None:
    contract_id, month, point_id, side, grain, share, meter_month, energy, missing = row
    expected = rows_expected(grain, month)
    found.setdefault((contract_id, month), Gathered()).meters.append(
        MeterShare(
            point_id=str(point_id),
            side=side,
            share_bps=share,
            metered_wh=energy,
            meter_month=str(meter_month or ""),
            missing_count=expected if meter_month is None else missing,
        )
    )


def _take_hours(one: Gathered, row: Sequence[Any]) -> None:
    letter, generated, consumed, matched, settled, seller, buyer = row
    one.generated[letter], one.consumed[letter] = generated, consumed
    one.matched[letter], one.settled[letter] = matched, settled
    one.seller_short += seller or 0
    one.buyer_short += buyer or 0


def volumes_of(contract: Contract, one: Gathered, volume: Volume | None) -> Volumes:
    """What the rules want to know of a month."""
    generated, consumed = one.generated, one.consumed
    if not contract.tariff_hours and contract.matching == Matching.MONTH:
        generated = {"": _own(one.meters, Side.GENERATION)}
        consumed = {"": _own(one.meters, Side.CONSUMPTION)}
    is_hourly = contract.matching == Matching.HOUR
    has_curve = is_hourly and volume is not None and volume.hours_wh is not None
    return Volumes(
        contracted_wh=volume.energy_wh if volume else 0,
        generated_wh=generated,
        consumed_wh=consumed,
        matched_wh=one.matched if is_hourly else None,
        curve=Curve(one.settled, one.seller_short, one.buyer_short) if has_curve else None,
    )


def _own(meters: Sequence[MeterShare], side: str) -> int:
    return sum(part_of(one.metered_wh, one.share_bps) for one in meters if one.side == side)


__all__ = ["Gathered", "gather", "newest_volumes", "volumes_of"]
