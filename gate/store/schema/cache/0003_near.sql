-- Near matches: the mark with every sign as the one it is taken for (gate.model.likeness.skeleton), kept and
-- indexed by SQLite itself, so that no way into this table can forget it. One more entry of some 30 bytes
-- a mark; a search asks for the few hundred skeletons one slip away.

ALTER TABLE declaration_marks ADD COLUMN skeleton TEXT GENERATED ALWAYS AS (
    replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(mark,
    'O', '0'), 'Q', '0'), 'D', '0'), 'О', '0'), 'I', '1'), 'L', '1'),
    'І', '1'), 'Z', '2'), 'S', '5'), 'G', '6'), 'T', '7'), 'Т', '7'),
    'B', '8'), 'В', '8'), 'А', 'A'), 'С', 'C'), 'Е', 'E'), 'Н', 'H'),
    'К', 'K'), 'М', 'M'), 'Р', 'P'), 'V', 'U'), 'Х', 'X'), 'У', 'Y')
) VIRTUAL;
CREATE INDEX declaration_marks_skeleton ON declaration_marks (skeleton);
