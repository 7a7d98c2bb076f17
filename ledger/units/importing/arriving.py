"""Units that strangers give: what our books do not have at theirs comes into being there."""

# Units that a stranger gives were never issued here: so many of them as our books do not have at
# the stranger's come into being there, on the day and by the line that brings them.
COUNTED = """
CREATE TEMP TABLE import_arrival ON COMMIT DROP AS
WITH outside AS (SELECT id, min(real::text)::uuid AS real FROM import_account
                 WHERE is_outside GROUP BY id),
given AS (
    SELECT m.row_number, m.line, m.day, m.step, m.code, m.account_id AS place,
           -m.quantity AS change
    FROM import_move AS m JOIN outside AS o ON o.id = m.account_id
    WHERE m.step > 0 AND NOT m.by_serial
    UNION ALL
    SELECT m.row_number, m.line, m.day, m.step, m.code, o.id, m.quantity
    FROM import_move AS m
    JOIN outside AS o ON o.id = CASE WHEN m.step = 0 THEN m.account_id ELSE m.counter_id END
    WHERE m.step < 2 AND NOT m.by_serial),
running AS (
    SELECT g.*, coalesce(p.quantity, 0)
                + sum(g.change) OVER (PARTITION BY g.code, g.place
                                      ORDER BY g.day, g.step, g.row_number, g.line, g.change)
                AS remains
    FROM given AS g
    JOIN outside AS o ON o.id = g.place
    LEFT JOIN import_lot AS l ON l.code = g.code
    LEFT JOIN ledger_units_position AS p
      ON p.lot_id = l.lot_id AND p.account_id = o.real AND p.state = 'FREE'),
lowest AS (
    SELECT r.*, least(0, min(r.remains) OVER sorted) AS lowest,
           least(0, min(r.remains) OVER (PARTITION BY r.code, r.place
               ORDER BY r.day, r.step, r.row_number, r.line, r.change
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS before
    FROM running AS r
    WINDOW sorted AS (PARTITION BY r.code, r.place
                      ORDER BY r.day, r.step, r.row_number, r.line, r.change))
SELECT row_number, line, place, coalesce(before, 0) - lowest AS quantity
FROM lowest WHERE coalesce(before, 0) > lowest;
INSERT INTO import_move
SELECT m.row_number, m.line, m.act, 'ISSUE', 0, 'FREE', m.scheme, m.vintage, m.project,
       m.project_name, a.quantity, NULL, NULL, NULL, m.programme, m.prefix, m.day,
       m.generated_from, m.generated_to, m.is_energy, m.home, m.account_id, NULL, '', m.code, false
FROM import_arrival AS a
JOIN import_move AS m ON m.row_number = a.row_number AND m.line = a.line AND m.step > 0
                     AND m.account_id = a.place;
INSERT INTO import_lot SELECT DISTINCT code, NULL::uuid, true FROM import_move WHERE step = 0
ON CONFLICT (code) DO NOTHING
"""

# The same of serials: what of a stranger's range is nowhere, neither in the books nor issued by
# the file, comes into being at the stranger's, by the first line that gives it.
NUMBERED = """
CREATE TEMP TABLE import_given ON COMMIT DROP AS
SELECT m.row_number, m.line, m.day, m.registry, m.programme, m.prefix,
       int8range(m.first, m.last, '[]') AS run,
       row_number() OVER (ORDER BY m.day, m.row_number, m.line) AS n
FROM import_move AS m
WHERE m.step = 1 AND m.by_serial
  AND m.account_id IN (SELECT id FROM import_account WHERE is_outside);
CREATE INDEX ON import_given USING gist (run);
CREATE TEMP TABLE import_issued ON COMMIT DROP AS
SELECT registry, programme, prefix, int8range(first, last, '[]') AS run FROM import_move
WHERE step = 0 AND by_serial AND EXISTS (SELECT FROM import_given);
CREATE INDEX ON import_issued USING gist (run);
INSERT INTO import_move
SELECT m.row_number, m.line, m.act, 'ISSUE', 0, 'FREE', m.scheme, m.vintage, m.project,
       m.project_name, upper(new.run) - lower(new.run), lower(new.run), upper(new.run) - 1,
       m.registry, m.programme, m.prefix, m.day, m.generated_from, m.generated_to, m.is_energy,
       m.home, m.account_id, NULL, '', m.code, true
FROM import_given AS g
JOIN import_move AS m ON m.row_number = g.row_number AND m.line = g.line AND m.step = 1
CROSS JOIN LATERAL (
    SELECT range_agg(there.run) AS runs FROM (
        SELECT int8range(b.first_serial, b.last_serial, '[]') AS run
        FROM ledger_units_serialspace AS s
        JOIN ledger_units_block AS b ON b.space_id = s.id
         AND int8range(b.first_serial, b.last_serial, '[]') && g.run
        WHERE s.registry = g.registry AND s.programme = g.programme AND s.prefix = g.prefix
        UNION ALL
        SELECT i.run FROM import_issued AS i
        WHERE i.run && g.run
          AND (i.registry, i.programme, i.prefix) = (g.registry, g.programme, g.prefix)
        UNION ALL
        SELECT e.run FROM import_given AS e
        WHERE e.run && g.run AND e.n < g.n
          AND (e.registry, e.programme, e.prefix) = (g.registry, g.programme, g.prefix)
    ) AS there) AS known
CROSS JOIN LATERAL unnest(
    int8multirange(g.run) - coalesce(known.runs, '{}'::int8multirange)) AS new(run)
"""
