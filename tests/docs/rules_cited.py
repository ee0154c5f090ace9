"""Every number of the Rules that is cited: in the code's texts, names and findings, and in the docs."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.docs.reading import DOCUMENTS, ROOT

PAGE = ROOT / "docs" / "rules.md"

_PROVISIONS = {
    "1": 6,
    "1.5": 9,
    "2": 3,
    "3": 6,
    "3.4": 6,
    "4": 5,
    "4.1": 5,
    "5": 11,
    "5.1": 3,
    "5.5": 6,
    "5.11": 5,
    "6": 10,
    "6.3": 10,
    "6.6": 2,
    "7.0": 4,
    "8.0": 2,
    "9": 3,
    "10": 2,
    "10.1": 2,
}
"""How many provisions there are under each number."""
LAW = frozenset(
    {"7.0", "8.0"} | {f"{stem}.{n}" for stem, last in _PROVISIONS.items() for n in range(1, last + 1)}
)
"""The provisions there are, by their numbers alone."""

_NUMBER = r"\d{1,2}\.\d{1,2}(?:\.\d{1,2})?"
_SEVERAL = rf"{_NUMBER}(?:(?:, | and |, and |-){_NUMBER})*(?![.\d]|[^\W\d])"
_CITED = (re.compile(rf"(?:Rules|Rule) ({_SEVERAL})"), re.compile(rf"\(({_SEVERAL})\)"))
_NAMED = re.compile(r"^rule_((?:\d+_)+)")
_BEGINS = re.compile(rf"^({_SEVERAL}): ")
_FINDINGS = {"hold": 1, "Finding": 1}
"""Calls that make a finding, and where its number stands."""


def numbers_in(text: str) -> set[str]:
    """Every number cited in a text: after "Rules", or alone in brackets; a range names all it spans."""
    return {number for pattern in _CITED for match in pattern.finditer(text) for number in _spelled(match[1])}


def _spelled(cited: str) -> Iterator[str]:
    for part in re.split(r", and |, | and ", cited):
        first, _, last = part.partition("-")
        if not last:
            yield first
        else:
            stem, low = first.rsplit(".", 1)
            high = last.rsplit(".", 1)[1]
            yield from (f"{stem}.{number}" for number in range(int(low), int(high) + 1))


def cited_in(source: str) -> set[str]:
    """Every number a module cites: in strings and comments, by its functions' names, by its findings."""
    found: set[str] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            found |= numbers_in(token.string)
    for node in ast.walk(ast.parse(source)):
        found |= _of_node(node)
    return found


def _of_node(node: ast.AST) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        named = _NAMED.match(node.name)
        begins = _BEGINS.match(ast.get_docstring(node) or "")
        found = {named[1].rstrip("_").replace("_", ".")} if named else set()
        return found | (set(_spelled(begins[1])) if begins and named else set())
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FINDINGS:
        at = _FINDINGS[node.func.id]
        if len(node.args) > at and isinstance(node.args[at], ast.Constant):
            constant = node.args[at]
            assert isinstance(constant, ast.Constant)
            return {str(constant.value)}
    return set()


def cited_by_the_code() -> dict[str, set[Path]]:
    """Number -> the files of the gate that cite it."""
    found: dict[str, set[Path]] = defaultdict(set)
    for path in sorted((ROOT / "gate").rglob("*")):
        if path.suffix == ".py":
            numbers = cited_in(path.read_text(encoding="utf-8"))
        elif path.suffix == ".html":
            numbers = numbers_in(path.read_text(encoding="utf-8"))
        else:
            continue
        for number in numbers:
            found[number].add(path)
    return found


def cited_by_the_docs() -> dict[str, set[Path]]:
    """Number -> the documents that cite it, code blocks and tables of other numbers apart."""
    found: dict[str, set[Path]] = defaultdict(set)
    for path in DOCUMENTS:
        for number in numbers_in(path.read_text(encoding="utf-8")):
            found[number].add(path)
    return found


@dataclass(frozen=True)
class Row:
    """One line of the page's table."""

    numbers: tuple[str, ...]
    does: str
    where: tuple[str, ...]
    """`file` or `file: function`, under gate/."""


def table(page: str) -> list[Row]:
    """The page's table."""
    rows = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 3 and re.match(_NUMBER, cells[0]):
            places = tuple(re.findall(r"`([^`]+)`", cells[2]))
            rows.append(Row(tuple(_spelled(cells[0])), cells[1], places))
    return rows


def disagreements(code: set[str], listed: set[str], docs: set[str]) -> list[str]:
    """What is wrong between the code, the page's table and the other documents; empty when nothing is."""
    return [
        *(f"{number} is cited by the code and is no provision of the Rules" for number in code - LAW),
        *(f"{number} is listed and is no provision of the Rules" for number in listed - LAW),
        *(f"{number} is cited by the code and not listed in docs/rules.md" for number in code - listed),
        *(f"{number} is listed in docs/rules.md and no code cites it" for number in listed - code),
        *(f"{number} is cited by a document and is no provision of the Rules" for number in docs - LAW),
    ]
