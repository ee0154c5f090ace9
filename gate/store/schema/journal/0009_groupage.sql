-- Which declarations share a plate, of every plate that has several. A row of cache.db that is not there any
-- more would otherwise leave the milder ones beside it to decide alone.

CREATE TABLE groupage (
    mark TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (mark, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX groupage_number ON groupage (number);
