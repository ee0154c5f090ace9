"""Faces to letter plates with: what they promise with no font file at all, and how fonts are gathered."""

from __future__ import annotations

import io
import json
import re
import tarfile
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from gate.anpr.plates.alphabet import PERSIAN_DIGITS, PERSIAN_LETTERS, SIGNS
from gate.anpr.training import fonts
from gate.anpr.training.faces import STYLES, Faces, Pen
from gate.anpr.training.fonts import NPM, FontsMissingError, fetch_fonts, fonts_in, unpack_family
from gate.anpr.training.strokes import FORMS, Mask, stroke_glyph

DRAWN = [sign for sign in SIGNS[1:] if sign not in PERSIAN_LETTERS]


@pytest.mark.parametrize("style", STYLES)
def test_every_style_draws_every_sign_but_persian_letters_without_fonts(style: str) -> None:
    """Each sign fills its cell's height and leaves the ground visible."""
    face = Faces([]).draw(style, np.random.default_rng(7))
    for sign in DRAWN:
        for height, width in ((72, face.width(sign, 72)), (40, 18)):
            glyph = face.glyph(sign, height, width)
            assert glyph.shape == (height, width)
            assert glyph.dtype == np.uint8
            assert glyph.max() > 200, sign
            if sign != PERSIAN_DIGITS[0]:
                rows = glyph.max(axis=1)
                assert rows[: height // 10].max() > 100, f"{sign} does not reach its cell's top"
                assert rows[-height // 10 :].max() > 100, f"{sign} does not reach its cell's bottom"


@pytest.mark.parametrize("height", [4, 5, 6])
def test_a_thin_pen_draws_every_sign_of_the_smallest_print(height: int) -> None:
    """A slender sign in a broad cell too: at a few pixels its own breadth is a pixel, never none."""
    for seed in range(8):
        thin = Pen(pen=0.1, roundness=0.7, proportion=0.5, seed=seed, zeros=(0,))
        for sign in DRAWN:
            glyph = thin.glyph(sign, height, 8)
            assert glyph.shape == (height, 8)
            assert glyph.any(), sign


def test_the_signs_of_a_face_differ_from_each_other() -> None:
    """No two signs are drawn alike but those that plates themselves write alike."""
    glyphs = {sign: stroke_glyph(sign, 0, 72, 40, 0.13, 0.8) for sign in FORMS}
    pairs = [pair for pair in combinations(glyphs, 2) if pair[0].isascii() == pair[1].isascii()]
    for one, other in pairs:
        apart = float(np.abs(glyphs[one].astype(int) - glyphs[other].astype(int)).mean())
        assert apart > 6 or {one, other} == {"0", "O"}, (one, other, apart)


def test_every_form_of_a_sign_is_a_drawing_of_its_own() -> None:
    """A form that another repeats would only pretend to variety."""
    for sign, forms in FORMS.items():
        drawn = {stroke_glyph(sign, form, 72, 40, 0.13, 0.8).tobytes() for form in range(len(forms))}
        assert len(drawn) == len(forms), sign


def test_squeezing_a_drawn_sign_leaves_its_strokes_as_thick() -> None:
    """Two thirds of the cell's width do not make the upright of an H thinner, as scaling a picture would."""

    def upright(glyph: Mask) -> int:
        row = glyph[glyph.shape[0] // 4] > 127
        return int(np.argmin(row))

    assert (
        abs(
            upright(stroke_glyph("H", 0, 80, 60, 0.14, 1.0))
            - upright(stroke_glyph("H", 0, 80, 40, 0.14, 1.0))
        )
        <= 1
    )


def test_slender_signs_stand_in_the_middle_of_a_wide_cell() -> None:
    """An I in a cell as wide as an M's is no black rectangle."""
    face = Faces([]).draw("din", np.random.default_rng(0))
    for sign in "I1":
        covered = np.flatnonzero(face.glyph(sign, 70, 70).max(axis=0) > 60)
        assert len(covered) < 60
        assert abs(float(covered.mean()) - 34.5) < 6


def test_a_face_is_one_for_a_seed_and_another_for_another() -> None:
    """Training sets can be made twice alike, and do not repeat one face."""

    def sheet(seed: int) -> bytes:
        return Faces([]).draw("any", np.random.default_rng(seed)).text("B7GRQ41", 40).tobytes()

    assert sheet(3) == sheet(3)
    assert len({sheet(seed) for seed in range(12)}) > 9


def test_small_print_has_its_own_width() -> None:
    """The strip's letters follow each other without touching, in any case of letters."""
    face = Faces([]).draw("narrow", np.random.default_rng(1))
    one, four = face.text("a", 20), face.text("a bc", 20)
    assert one.shape[0] == four.shape[0] == 20
    assert four.shape[1] > 3 * one.shape[1]
    assert int((four.max(axis=0) == 0).sum()) >= 3, "nothing parts the letters"


def test_a_persian_letter_without_fonts_says_what_to_run() -> None:
    """Persian letters come from fonts alone, and their absence is told rather than drawn over."""
    face = Faces([]).draw("iran", np.random.default_rng(0))
    with pytest.raises(FontsMissingError, match="fetch_fonts"):
        face.glyph("ب", 60, 60)


def _package(family: str) -> bytes:
    files = {
        "package.json": json.dumps({"license": "OFL-1.1"}).encode(),
        "LICENSE": b"the licence",
        f"files/{family}-latin-700-normal.woff": b"wanted",
        f"files/{family}-latin-300-normal.woff": b"too light",
        f"files/{family}-latin-700-italic.woff": b"leaning",
        f"files/{family}-latin-ext-700-normal.woff": b"another script",
        f"files/{family}-latin-700-normal.woff2": b"unreadable to FreeType without brotli",
    }
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return held.getvalue()


def test_a_package_of_npm_becomes_fonts_with_their_licence(tmp_path: Path) -> None:
    """Of all the files of a family its heavy upright ones of the script wanted are listed, licence beside."""
    unpack_family(_package("oswald"), "oswald", tmp_path)
    listed = [font for font in fonts_in(tmp_path) if font.family == "oswald"]
    assert [font.path.name for font in listed] == ["oswald-latin-700-normal.woff"]
    assert listed[0].licence == "OFL-1.1"
    assert (tmp_path / "oswald" / "LICENSE").read_bytes() == b"the licence"
    assert not (tmp_path / "oswald" / "oswald-latin-ext-700-normal.woff").exists()


def test_without_npm_the_fetching_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No network and no npm: a sentence about what to do, not a traceback from deep inside."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FontsMissingError, match="sudo apt install npm"):
        fetch_fonts(tmp_path / "fonts", say=lambda _: None)


def test_npm_failing_says_which_family_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What npm complains about reaches the person, and what came before it is kept."""
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'network is unreachable' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(FontsMissingError, match=re.escape("@fontsource/advent-pro: network is unreachable")):
        fetch_fonts(tmp_path / "fonts", say=lambda _: None)


def test_missing_packages_of_debian_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all of npm's here, what is absent of Debian's is asked for by its package's name."""
    for family in NPM:
        unpack_family(_package(family), family, tmp_path)
    monkeypatch.setattr(fonts, "APT", {str(tmp_path / "nowhere"): ("fonts-opendin", "latin")})
    with pytest.raises(FontsMissingError, match="sudo apt install fonts-opendin"):
        fetch_fonts(tmp_path, say=lambda _: None)
