"""The figures in two tables of a terminal's width: how well, and how fast."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from gate.anpr.bench.scoring import WHOLE, Score, Spread

_TOGETHER = "all together"


def accuracy_table(scores: Sequence[Score]) -> Table:
    """A row an engine and folder: how well plates are read."""
    table = _table(
        f"How well, in percent (a read is accepted from confidence {scores[0].accept:g})",
        ("marks", "exact", "folded", "sign\nerrors", "accepted", "accepted\nand wrong",
         "coverage at\n99.5 % right", "plates\nfound", "text\nfound", "nothing\nread"),
    )  # fmt: skip
    if any(score.accuracy.empty for score in scores):
        table.caption = "photographs without a plate count under accepted and wrong"
    for score in scores:
        rates = score.accuracy
        wrong = rates.accepted_and_wrong
        cells = (
            str(rates.marks),
            _rate(rates.exact),
            _rate(rates.folded),
            _rate(rates.character_error_rate),
            _rate(rates.accepted),
            "-" if wrong is None else f"{wrong:.1f} ({rates.accepted_and_wrong_count})",
            _rate(rates.coverage_at_995),
            _rate(rates.found),
            _rate(rates.found_text),
            str(rates.none),
        )
        _add(table, score, cells)
    return table


def time_table(scores: Sequence[Score]) -> Table:
    """A row an engine and folder: milliseconds by stage, and memory."""
    stages = list(dict.fromkeys(stage for score in scores for stage in score.stages if stage != WHOLE))
    threads = scores[0].threads
    table = _table(
        f"How fast (median / 95th percentile in ms, {threads} thread{'s' if threads > 1 else ''})",
        ("photos", *stages, WHOLE, "processor", "loading", "peak memory"),
    )
    for score in scores:
        _add(
            table, score,
            [str(score.photos), *(_spread(score.stages.get(stage)) for stage in (*stages, WHOLE)),
             _spread(score.processor), f"{score.load_ms / 1000:.1f} s", f"{score.peak_rss_mb:.0f} MiB"],
        )  # fmt: skip
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    table.add_column("engine", no_wrap=True)
    table.add_column("folder", overflow="fold", min_width=len(_TOGETHER), max_width=24)
    for column in columns:
        table.add_column(column, justify="right", vertical="bottom")
    return table


def _add(table: Table, score: Score, cells: Sequence[str]) -> None:
    """A folder's name is a person's: never markup."""
    together = score.folder is None
    table.add_row(
        score.engine, Text(score.folder or _TOGETHER), *cells, style="bold" if together else None,
        end_section=together,
    )  # fmt: skip


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _spread(value: Spread | None) -> str:
    return "-" if value is None else f"{_ms(value.median_ms)} / {_ms(value.p95_ms)}"


def _ms(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"  # noqa: PLR2004 - three figures say enough
