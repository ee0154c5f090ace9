-- Looking back: a search among a million visits reads this one index, newest first, and few rows besides.

-- The mark with every sign as the one it is taken for (gate.model.likeness.skeleton; a test compares them).
-- SQLite computes it, so it is gone with the mark when retention erases that.
ALTER TABLE visits ADD COLUMN folded TEXT GENERATED ALWAYS AS (
    replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(mark,
    'O', '0'), 'Q', '0'), 'D', '0'), 'О', '0'), 'I', '1'), 'L', '1'),
    'І', '1'), 'Z', '2'), 'S', '5'), 'G', '6'), 'T', '7'), 'Т', '7'),
    'B', '8'), 'В', '8'), 'А', 'A'), 'С', 'C'), 'Е', 'E'), 'Н', 'H'),
    'К', 'K'), 'М', 'M'), 'Р', 'P'), 'V', 'U'), 'Х', 'X'), 'У', 'Y')
) VIRTUAL;
CREATE INDEX visits_history ON visits (first_presence, visit_id, folded);

-- Numbers of visits that opened nothing; of the others the openings tell.
CREATE INDEX visits_named ON visits (first_presence, numbers) WHERE opened = 0 AND numbers <> '[]';

-- Who released it, and who did anything about it.
CREATE INDEX releases_officer ON releases (officer, visit_id) WHERE officer IS NOT NULL;
CREATE INDEX journal_acts ON journal (body ->> '$.act.officer', visit) WHERE kind = 'Act';

-- How well each point's camera reads, for the falling of it.
CREATE INDEX journal_reads ON journal (point, at) WHERE kind = 'PlateSeen';
