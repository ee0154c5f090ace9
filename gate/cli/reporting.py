"""`gate report`: what the checkpoint did in a month."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gate.cli.options import AsJson, SiteFile, site_file
from gate.errors import ConfigError

if TYPE_CHECKING:
    from gate.report.reading import Progress

_ZONE = "Asia/Baku"


def report(
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The month, where the checkpoint stands.")],
    config: SiteFile = None,
    journal: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="A journal.db, instead of the site's; its days are those of Baku."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")] = Path(),
    *,
    as_json: AsJson = False,
) -> None:
    """Report a month: corridors used, waiting, HOLD and REFER by cause, officers' checks, plate reading.

    Writes report-YYYY-MM.csv and report-YYYY-MM.html, a page that needs nothing but itself. There is no
    personal data in them, and small counts are suppressed. Reads only; the gate may be running. With
    --json the report goes to standard output instead and no file is written.

    Exit codes: 0 done, 1 the journal cannot be read or a file cannot be written, 2 wrong usage or
    configuration.
    """
    from gate.report.month import month_of
    from gate.report.published import as_csv, as_page, report_of
    from gate.report.published import as_json as as_text
    from gate.report.reading import read_month

    path, zone, site = _source(config, journal)
    wanted = month_of(month, zone)
    with _bar() as progress:
        made = report_of(read_month(path, wanted, site, progress))
    if as_json:
        typer.echo(as_text(made), nl=False)
        return
    for file, text in (
        (out / f"report-{wanted.name}.csv", as_csv(made)),
        (out / f"report-{wanted.name}.html", as_page(made)),
    ):
        _write(file, text)
        typer.echo(file)


def _source(config: Path | None, journal: Path | None) -> tuple[Path, str, str]:
    """The journal, its time zone, and the site's name (empty: as the journal says)."""
    if journal is not None and config is None:
        return journal, _ZONE, ""
    from gate.config import load_site

    settings = load_site(site_file(config))
    return journal or settings.data / "journal.db", settings.timezone, settings.site


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on the terminal; nothing where the output goes elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("reading the journal"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("entries", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
