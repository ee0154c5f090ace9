"""The table of OWASP ASVS 5.0: whole, and honest about its tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.docs.reading import ROOT

WANTED = (Path(__file__).parent / "asvs_5_0_level_2.txt").read_text(encoding="ascii").split()
"""The numbers of levels 1 and 2, from the release of 5.0.0."""
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]*) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs/asvs.md").read_text(encoding="utf-8"))
_REASON = 4


def test_every_requirement_has_one_row() -> None:
    """All of levels 1 and 2, in their order, none twice and none invented."""
    assert len(WANTED) == 253
    assert [number for number, *_ in ROWS] == WANTED


def test_every_row_names_a_test_a_document_or_a_reason() -> None:
    """A test that is there, a page that is there, or why it does not apply or is not met."""
    wrong = []
    for number, _, _, shown in ROWS:
        kind, _, rest = shown.strip().partition(": ")
        match kind:
            case "not applicable" | "not met":
                good = len(rest) >= _REASON
            case "document":
                target = re.fullmatch(r"\[docs/[\w./-]+\]\(([\w./-]+)\)", rest)
                good = target is not None and (ROOT / "docs" / target[1]).is_file()
            case _:
                good = _is_a_test(shown.strip().strip("`"))
        if not good:
            wrong.append((number, shown))
    assert wrong == []


def _is_a_test(named: str) -> bool:
    path, _, name = named.partition("::")
    file = ROOT / path
    if not (path.startswith("tests/") and name.startswith("test_") and file.is_file()):
        return False
    return any(
        isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name == name
        for one in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    )


def test_a_test_that_is_not_there_is_found() -> None:
    """The check itself can fail."""
    assert _is_a_test("tests/docs/test_asvs.py::test_a_test_that_is_not_there_is_found")
    assert not _is_a_test("tests/docs/test_asvs.py::test_nothing")
    assert not _is_a_test("tests/docs/nowhere.py::test_nothing")
