"""The page's charts as inline SVG: drawn from published cells alone, so they tell no more than the tables.

A cell that is not told is drawn as a hatched stub of one height, whatever it hides. Colours are classes of
the page's sheet; shapes and words say the same without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape

from gate.report.suppression import Cell
from gate.report.tables import Column, Table

_WIDTH, _HEIGHT = 760, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 10, 26
_STUB = 5
"""Pixels of a cell that is not told."""
_ROW = 30


def bars(table: Table) -> str:
    """Corridors used: one bar a corridor, with its share of what is told."""
    vehicles = table.columns[0].cells
    most = max((cell for cell in vehicles if isinstance(cell, int)), default=0) or 1
    total = sum(cell for cell in vehicles if isinstance(cell, int))
    every = all(isinstance(cell, int) for cell in vehicles)
    parts = []
    for index, (row, cell) in enumerate(zip(table.rows, vehicles, strict=True)):
        y = index * 38 + 4
        parts.append(f'<text class="name" x="0" y="{y + 19}">{escape(row.label)}</text>')
        if isinstance(cell, int):
            width = 520 * cell / most
            share = f" · {100 * cell / total:.0f} %" if every and total else ""
            parts.append(
                f'<rect class="{row.key.lower()}" x="84" y="{y}" width="{width:.1f}" height="28" rx="3"/>'
            )
            parts.append(f'<text x="{92 + width:.1f}" y="{y + 19}">{cell}{share}</text>')
        else:
            parts.append(f'<rect class="untold" x="84" y="{y}" width="{_STUB * 3}" height="28" rx="3"/>')
            parts.append(f'<text x="{92 + _STUB * 3}" y="{y + 19}">{escape(str(cell))}</text>')
    return _svg(_WIDTH, len(table.rows) * 38 + 6, "Vehicles by corridor", parts)


def days(table: Table) -> str:
    """Corridors used by day: bars stacked from what is told."""
    top = _round_up(max((_sum(table.columns, index) for index in range(len(table.rows))), default=0))
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(table.rows))
    parts = list(_grid(top, lambda value: f"{value:g}"))
    for index, row in enumerate(table.rows):
        x, y = _LEFT + index * step + step * 0.14, float(_HEIGHT - _BOTTOM)
        for column in table.columns:
            cell = column.cells[index]
            if not isinstance(cell, int):
                y -= _STUB
                parts.append(_bar("untold", x, y, step * 0.72, _STUB))
            elif cell:
                height = cell / top * (_HEIGHT - _TOP - _BOTTOM)
                y -= height
                parts.append(_bar(column.name.lower(), x, y, step * 0.72, height))
        if index % 2 == 0:
            parts.append(_under(x + step * 0.36, str(int(row.key[-2:]))))
    return _svg(_WIDTH, _HEIGHT, "Vehicles by day and corridor", parts)


def hours(table: Table) -> str:
    """Waiting by hour of arrival: median as a bar, 95 in a hundred as a line above it, to the release."""
    by_name = {column.name: column for column in table.columns}
    median, late = by_name["to release: median"], by_name["to release: p95"]
    values = [cell / 60 for cell in (*median.cells, *late.cells) if not isinstance(cell, str)]
    top = _round_up(max(values, default=0.0))
    step = (_WIDTH - _LEFT - _RIGHT) / 24
    parts = list(_grid(top, lambda value: f"{value:g} min"))
    for hour, (middle, slow) in enumerate(zip(median.cells, late.cells, strict=True)):
        x = _LEFT + hour * step + step * 0.2
        if not isinstance(middle, str) and not isinstance(slow, str):
            height = middle / 60 / top * (_HEIGHT - _TOP - _BOTTOM)
            y = _HEIGHT - _BOTTOM - height
            high = _HEIGHT - _BOTTOM - slow / 60 / top * (_HEIGHT - _TOP - _BOTTOM)
            parts.append(_bar("wait", x, y, step * 0.6, height))
            middle_x = x + step * 0.3
            parts.append(f'<path class="late" d="M{middle_x:.1f} {y:.1f}V{high:.1f}m-6 0h12"/>')
        if hour % 2 == 0:
            parts.append(_under(x + step * 0.3, f"{hour:02}"))
    return _svg(
        _WIDTH, _HEIGHT, "Minutes from arrival to release by hour: median, and 95 in a hundred", parts
    )


def causes(table: Table) -> str:
    """HOLD by cause: the twelve most frequent."""
    rows = list(zip(table.rows, table.columns[0].cells, strict=True))[:12]
    most = max((cell for _, cell in rows if isinstance(cell, int)), default=0) or 1
    parts = []
    for index, (row, cell) in enumerate(rows):
        y = index * _ROW + 4
        parts.append(f'<text class="name right" x="330" y="{y + 16}">{escape(row.label)}</text>')
        width = 330 * cell / most if isinstance(cell, int) else _STUB * 3
        shape = "hold" if isinstance(cell, int) else "untold"
        parts.append(f'<rect class="{shape}" x="342" y="{y}" width="{width:.1f}" height="22" rx="3"/>')
        parts.append(f'<text x="{350 + width:.1f}" y="{y + 16}">{escape(str(cell))}</text>')
    return _svg(_WIDTH, max(1, len(rows)) * _ROW + 6, "Vehicles held by cause", parts)


def reading(table: Table) -> str:
    """Reading rates by point: sure and not sure of what was read, where all of it is told."""
    by_name = {column.name: column for column in table.columns}
    kinds = ("sure", "not sure")
    parts = []
    for index, row in enumerate(table.rows):
        y = index * _ROW + 4
        parts.append(f'<text class="name right" x="150" y="{y + 16}">{escape(row.label)}</text>')
        cells = [by_name[kind].cells[index] for kind in kinds]
        numbers = [cell for cell in cells if isinstance(cell, int)]
        if len(numbers) < len(kinds) or not sum(numbers):
            parts.append(f'<rect class="untold" x="162" y="{y}" width="{_STUB * 3}" height="22" rx="3"/>')
            parts.append(f'<text x="{170 + _STUB * 3}" y="{y + 16}">too few to tell</text>')
            continue
        x = 162.0
        for kind, count in zip(kinds, numbers, strict=True):
            width = 500 * count / sum(numbers)
            parts.append(_bar(kind.replace(" ", "-"), x, y, width, 22))
            x += width
        parts.append(f'<text x="{x + 8:.1f}" y="{y + 16}">{100 * numbers[0] / sum(numbers):.1f} %</text>')
    return _svg(_WIDTH, max(1, len(table.rows)) * _ROW + 6, "Reads by point: sure, not sure", parts)


def _bar(shape: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{shape}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _under(x: float, text: str) -> str:
    return f'<text class="axis middle" x="{x:.1f}" y="{_HEIGHT - 8}">{text}</text>'


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _grid(top: float, label: Callable[[float], str]) -> Iterator[str]:
    """Five lines with their values."""
    for index in range(5):
        value = top * index / 4
        y = _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * index / 4
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>'
        yield f'<text class="axis right" x="{_LEFT - 6}" y="{y + 4:.1f}">{label(value)}</text>'


_TOPS = (4, 8, 12, 16, 20, 24, 32)


def _round_up(value: float) -> float:
    """The next of 4, 8, 12 ... 32, 40, 80 ...: a top whose quarters are whole."""
    scale = 1.0
    while value > _TOPS[-1] * scale:
        scale *= 10
    return next(top * scale for top in _TOPS if top * scale >= value)


def _number(cell: Cell | float) -> float:
    """What is told of a cell; nothing of one that is not."""
    return 0.0 if isinstance(cell, str) else float(cell)


def _sum(columns: Sequence[Column], index: int) -> float:
    return sum(_number(column.cells[index]) for column in columns)
