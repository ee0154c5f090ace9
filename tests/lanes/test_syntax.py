"""The soft grammar of plates."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.model.syntax import countries_of, parse, settle
from hardware.emulators.scene_plates import COUNTRIES, random_mark

FOLD = str.maketrans("OIB", "018")


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_rendered_state_has_its_template(country: str) -> None:
    """What the emulator puts on a plate of a state is written as the grammar says that state writes."""
    rng = random.Random(3)  # noqa: S311 - plates, not secrets
    for _ in range(50):
        mark = random_mark(country, rng)
        assert country in countries_of(mark), mark


@pytest.mark.parametrize(
    ("read", "mark", "country"),
    [
        ("10AA019", "10AA019", "AZ"),
        ("I23ABC01", "123ABC01", "KZ"),
        ("K435X886", "K435XB86", "RU"),
        ("AZ10AA019", "10AA019", "AZ"),
        ("TR34ABC123", "34ABC123", "TR"),
        ("K435XB86", "K435XB86", "RU"),
        ("O911BM36", "O911BM36", "RU"),
        ("0911BM36", "O911BM36", "RU"),
        ("ZZZZZZ", "ZZZZZZ", None),
        ("", "", None),
    ],
)
def test_marks_are_settled_and_placed(read: str, mark: str, country: str | None) -> None:
    """Obvious confusions are settled, a strip's letters parted, the state guessed."""
    parsed = parse(read)
    assert (parsed.mark, parsed.country) == (mark, country)


def test_two_ways_to_settle_settle_nothing() -> None:
    """1OAAO19 is an Azerbaijani mark or a Turkish one, SG5810B Georgian or Polish: they stay as read."""
    for mark in ("1OAAO19", "SG5810B"):
        assert settle(mark) == mark


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", max_size=12))
def test_settling_only_touches_lookalikes(mark: str) -> None:
    """Whatever is read, settling changes nothing but O/0, I/1 and B/8, and settles once for all."""
    settled = settle(mark)
    assert settled.translate(FOLD) == mark.translate(FOLD)
    assert settle(settled) == settled
    assert settled == mark or countries_of(settled)
