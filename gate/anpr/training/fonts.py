"""The font files that plates are drawn with for training: where they come from, under what licence.

None is part of the project. `fetch_fonts` gathers them into a cache folder, once.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, Literal

CACHE: Final = Path("~/.cache/gate/fonts")
Script = Literal["latin", "arabic"]

NPM: Final[dict[str, Script]] = {
    "advent-pro": "latin", "aldrich": "latin", "antonio": "latin", "archivo-narrow": "latin",
    "asap-condensed": "latin", "b612-mono": "latin", "barlow": "latin", "barlow-condensed": "latin",
    "barlow-semi-condensed": "latin", "bebas-neue": "latin", "big-shoulders-display": "latin",
    "chakra-petch": "latin", "dm-mono": "latin", "encode-sans-condensed": "latin", "exo-2": "latin",
    "fira-sans-condensed": "latin", "fjalla-one": "latin", "francois-one": "latin", "gothic-a1": "latin",
    "ibm-plex-mono": "latin", "ibm-plex-sans-condensed": "latin", "jetbrains-mono": "latin",
    "kode-mono": "latin", "league-gothic": "latin", "nova-mono": "latin",
    "oswald": "latin", "overpass": "latin", "overpass-mono": "latin", "pathway-gothic-one": "latin",
    "pt-sans-narrow": "latin", "quantico": "latin", "rajdhani": "latin", "roboto-condensed": "latin",
    "russo-one": "latin", "saira": "latin", "saira-condensed": "latin", "saira-semi-condensed": "latin",
    "share-tech-mono": "latin", "signika": "latin", "sofia-sans-condensed": "latin", "teko": "latin",
    "titillium-web": "latin", "yanone-kaffeesatz": "latin",
    "amiri": "arabic", "cairo": "arabic", "lalezar": "arabic", "markazi-text": "arabic",
    "noto-naskh-arabic": "arabic", "vazirmatn": "arabic",
}  # fmt: skip
"""Packages of npm's @fontsource, and the script each is wanted for."""

APT: Final[dict[str, tuple[str, Script]]] = {
    "/usr/share/fonts/truetype/roadgeek": ("fonts-roadgeek", "latin"),
    "/usr/share/fonts/truetype/opendin": ("fonts-opendin", "latin"),
    "/usr/share/fonts/truetype/farsiweb": ("fonts-farsiweb", "arabic"),
    "/usr/share/fonts/truetype/noto": ("fonts-noto-core", "arabic"),
}
"""Folders that Debian's packages fill."""

VERSION: Final = "5.3.0"
"""Of all these packages: other versions may draw other shapes, and weights should be made twice alike."""

WEIGHTS: Final = range(500, 901)
"""Of the weights of a family, those as heavy as a plate's strokes (a family of one weight: that one)."""


class FontsMissingError(Exception):
    """Fonts are not here and could not be fetched; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Font:
    """A font file for training and what it may be used for."""

    path: Path
    script: Script
    family: str
    licence: str


def fonts_in(folder: Path = CACHE) -> list[Font]:
    """What `fetch_fonts` has gathered in `folder`, and Debian's; sorted, so that runs agree. May be empty."""
    folder = folder.expanduser()
    found = []
    for family, script in NPM.items():
        here = folder / family
        files = sorted(here.glob(f"{family}-{script}-[0-9]*-normal.woff"))
        heavy = [file for file in files if _weight(file) in WEIGHTS] or files
        licence = (here / "LICENCE-NAME").read_text().strip() if files else ""
        found += [Font(file, script, family, licence) for file in heavy]
    for place, (package, script) in APT.items():
        pattern = "Noto*Arabic*-Bold.ttf" if package == "fonts-noto-core" else "*.ttf"
        found += [
            Font(file, script, package, f"see /usr/share/doc/{package}/copyright")
            for file in sorted(Path(place).glob(pattern))
        ]
    return found


def fetch_fonts(folder: Path = CACHE, say: Callable[[str], object] = sys.stderr.write) -> list[Font]:
    """Fonts for training: `folder` filled by `npm pack` where it lacks a family, and Debian's.

    Raises FontsMissingError, saying what to install, if npm or a Debian package is absent or npm fails.
    """
    folder = folder.expanduser()
    lacking = [family for family in NPM if not (folder / family / "LICENCE-NAME").is_file()]
    for number, family in enumerate(lacking, 1):
        say(f"\rfonts: {number} of {len(lacking)}: @fontsource/{family}".ljust(70))
        _fetch(family, folder)
    if lacking:
        say("\n")
    absent = sorted(package for place, (package, _) in APT.items() if not Path(place).is_dir())
    if absent:
        raise FontsMissingError(
            f"Fonts of Debian are missing. Install them: sudo apt install {' '.join(absent)}"
        )
    return fonts_in(folder)


def _fetch(family: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise FontsMissingError(
            "npm is not installed, and the training fonts come from it. Install it (sudo apt install npm), "
            f"or unpack @fontsource/{family} and the others named in gate/anpr/training/fonts.py yourself."
        )
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(  # noqa: S603 - our own constant names
            [npm, "pack", "--silent", f"@fontsource/{family}@{VERSION}"],
            cwd=scratch, capture_output=True, text=True, check=False,
        )  # fmt: skip
        packed = sorted(Path(scratch).glob("*.tgz"))
        if done.returncode or not packed:
            raise FontsMissingError(
                f"npm could not fetch @fontsource/{family}: {done.stderr.strip() or 'no package came'}. "
                "Check the network (npm ping) and run the command again; what is here already is kept."
            )
        unpack_family(packed[0].read_bytes(), family, folder)


def unpack_family(package: bytes, family: str, folder: Path) -> None:
    """Puts the font files of an npm `package` (a gzipped tar) and its licence's name into folder/family."""
    into = folder / family
    into.mkdir(parents=True, exist_ok=True)
    licence = "unknown"
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        for member in archive:
            name = Path(member.name).name
            held = archive.extractfile(member) if member.isfile() else None
            if held is None:
                continue
            if name == "LICENSE" or fnmatch(name, f"{family}-{NPM[family]}-[0-9]*-normal.woff"):
                (into / name).write_bytes(held.read())
            elif name == "package.json":
                licence = str(json.loads(held.read()).get("license", licence))
    # Last: its presence says that the family is complete.
    (into / "LICENCE-NAME").write_text(licence + "\n")


def _weight(file: Path) -> int:
    return int(file.stem.split("-")[-2])
