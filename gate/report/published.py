"""A month's report as files: tidy CSV, JSON, and one page that needs nothing but itself."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gate.report import charts
from gate.report.facts import Facts
from gate.report.month import Month
from gate.report.suppression import HIDDEN, SMALL, Cell
from gate.report.tables import Column, Table, Unit, tables_of

_HEADINGS = ("site", "month", "table", "row", "rule", "column", "unit", "value", "suppressed")
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Report:
    """One checkpoint's month, ready to be published."""

    site: str
    month: Month
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table:
        """The table of this name."""
        return next(table for table in self.tables if table.name == name)


def report_of(facts: Facts) -> Report:
    """Make the report of a month's facts. The same facts give the same bytes everywhere."""
    return Report(facts.site, facts.month, tables_of(facts))


def as_csv(report: Report) -> str:
    """One line a cell. `value` is empty where `suppressed` says why, or where there is nothing to tell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADINGS)
    writer.writerows(
        (report.site, report.month.name, table.name, key, rule, column.name, column.unit, *_value(cell))
        for table, key, rule, column, cell in _cells(report)
    )
    return out.getvalue()


def _cells(report: Report) -> Iterator[tuple[Table, str, str, Column, Cell | float]]:
    for table in report.tables:
        for column in table.columns:
            for row, cell in zip(table.rows, column.cells, strict=True):
                yield table, row.key, row.rule, column, cell


def _value(cell: Cell | float) -> tuple[object, str]:
    return ("", str(cell)) if isinstance(cell, str) else (cell, "")


def as_json(report: Report) -> str:
    """The same for machines; a suppressed cell is the text it is told as, an empty one null."""
    told = {
        "site": report.site,
        "month": report.month.name,
        "timezone": report.month.zone.key,
        "tables": [
            {
                "name": table.name,
                "title": table.title,
                "rows": [{"key": row.key, "label": row.label, "rule": row.rule} for row in table.rows],
                "columns": [
                    {
                        "name": column.name,
                        "unit": column.unit,
                        "cells": [cell if cell != "" else None for cell in column.cells],
                    }
                    for column in table.columns
                ],
            }
            for table in report.tables
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def as_page(report: Report) -> str:
    """One self-contained HTML page: no script, no address, nothing fetched."""
    return (
        _pages()
        .get_template("report.html")
        .render(
            report=report,
            month=report.month,
            tables=report.tables,
            charts={
                "corridors": charts.bars(report.table("corridors")),
                "days": charts.days(report.table("days")),
                "hours": charts.hours(report.table("hours")),
                "hold": charts.causes(report.table("hold")),
                "reading": charts.reading(report.table("reading")),
            },
        )
    )


def shown(cell: Cell | float, unit: Unit) -> str:
    """A cell for people."""
    if isinstance(cell, str):
        return cell or "\N{EN DASH}"
    if unit == "percent":
        return f"{cell:.1f} %"
    return (
        duration(float(cell)) if unit == "seconds" else f"{cell:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    )


def duration(seconds: float) -> str:
    """A time as one reads it."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s" if seconds >= 10 or seconds == int(seconds) else f"{seconds:.1f} s"  # noqa: PLR2004
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["shown"] = shown
    pages.globals.update(small=SMALL, hidden=HIDDEN)
    return pages
