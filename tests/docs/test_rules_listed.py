"""docs/rules.md says what the code executes: number by number, place by place."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from gate.lanes.rules.decide import RULES
from tests.docs.reading import ROOT
from tests.docs.rules_cited import (
    LAW,
    PAGE,
    Row,
    cited_by_the_code,
    cited_by_the_docs,
    cited_in,
    disagreements,
    numbers_in,
    table,
)

ROWS = table(PAGE.read_text(encoding="utf-8"))
LISTED = {number for row in ROWS for number in row.numbers}


def test_code_and_documents_cite_the_same_provisions() -> None:
    """Every number of the code is explained, every number explained is in the code, and all are the law's."""
    assert disagreements(set(cited_by_the_code()), LISTED, set(cited_by_the_docs())) == []


@pytest.mark.parametrize(
    ("code", "listed", "docs", "told"),
    [
        ({"8.0.7"}, {"8.0.7"}, set(), 2),
        ({"8.0.1"}, set(), set(), 1),
        (set(), {"8.0.1"}, set(), 1),
        ({"8.0.1"}, {"8.0.1"}, {"9.9"}, 1),
    ],
    ids=["false everywhere", "in the code alone", "in the page alone", "false in a document"],
)
def test_a_planted_number_is_told(code: set[str], listed: set[str], docs: set[str], told: int) -> None:
    """A false number in either turns the test above red."""
    real = {"2.1", "3.6"}
    assert len(disagreements(code | real, listed | real, docs | real)) == told
    assert disagreements(real, real, real) == []


@pytest.mark.parametrize(
    ("source", "cited"),
    [
        ('def rule_8_0_7_plate() -> None: ""', {"8.0.7"}),
        ('def rule_2_2_lead_time() -> None:\n    """2.2, 2.3: registered in time."""', {"2.2", "2.3"}),
        ('hold("made-up", "8.0.9", "planted")', {"8.0.9"}),
        ('Finding("made-up", "9.9", outcome, "planted")', {"9.9"}),
        ('"""As Rules 4.2, 5.2 want."""', {"4.2", "5.2"}),
        ("x = 1  # nobody is told before arrival (3.6)", {"3.6"}),
        ('"""The corridors (7.0.1-7.0.4)."""', {"7.0.1", "7.0.2", "7.0.3", "7.0.4"}),
        ("sleep(0.5)", set()),
        ('"TLS (1.3.1.2), 10.5 s, SQLite 3.40.1"', set()),
        ('f"late by {minutes} min (Rules 2.2)"', {"2.2"}),
    ],
)
def test_numbers_are_found_where_they_are_cited(source: str, cited: set[str]) -> None:
    """In names, findings, texts and comments; figures and versions are none."""
    assert cited_in(source) == cited


def test_every_rule_stands_in_the_row_of_its_number() -> None:
    """A provision whose function the page does not name would be executed in secret."""
    named = {(number, place) for row in ROWS for number in row.numbers for place in row.where}
    for rule in RULES:
        path = Path(inspect.getsourcefile(rule) or "").relative_to(ROOT / "gate")
        place = f"{path.as_posix()}: {rule.__name__}"
        assert any(its == place for _, its in named), place


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.numbers[0])
def test_each_place_cites_what_it_is_named_for(row: Row) -> None:
    """The file, or the function in it, cites one of the row's numbers; between them they cite all."""
    assert row.where
    assert len(row.does) > 10
    found: set[str] = set()
    for place in row.where:
        file, _, function = place.partition(": ")
        source = (ROOT / "gate" / file).read_text(encoding="utf-8")
        cited = cited_in(_source_of(source, function) if function else source)
        assert cited & set(row.numbers), place
        found |= cited
    assert set(row.numbers) <= found


def _source_of(source: str, function: str) -> str:
    (node,) = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == function
    ]
    return ast.get_source_segment(source, node) or ""


def test_the_table_is_read_whole() -> None:
    """As many rows as lines, each number once."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(ROWS) == len(lines) - 1, "all but the head"
    every = [number for row in ROWS for number in row.numbers]
    assert len(every) == len(set(every))
    assert numbers_in("(Rules 8.0.1)") <= LAW
