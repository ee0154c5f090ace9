"""What several commands take, and the site they mean when none is named."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gate.errors import ConfigError

_LOOKED_FOR = (Path("/etc/gate/site.yaml"), Path("config/demo.yaml"))

SiteFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        envvar="GATE_CONFIG",
        help="The site configuration; without it /etc/gate/site.yaml, then config/demo.yaml.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def find_site_file(told: Path | None) -> Path | None:
    """The configuration a command works on, or None where none was told and none is in its place."""
    return told or next((path for path in _LOOKED_FOR if path.is_file()), None)


def site_file(told: Path | None) -> Path:
    """As find_site_file; raises ConfigError where there is none."""
    found = find_site_file(told)
    if found is None:
        places = " or ".join(str(path) for path in _LOOKED_FOR)
        raise ConfigError(
            f"no site configuration: none at {places} (from {Path.cwd()}); name one with -c FILE"
        )
    return found
