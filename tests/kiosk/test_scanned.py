"""The number in a scanned code, whatever else it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.kiosk.ports import SCAN_MAX
from gate.kiosk.scanned import find_number
from gate.model import group_number
from tests.console.tiny_checkpoint import number

GOOD = number("482913756012")
OTHER = number("118273645546")
GROUPED = group_number(GOOD)
NUMBERS = st.integers(0, 10**12 - 1).map(lambda digits: number(f"{digits:012d}"))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f" {GROUPED} ",
        GROUPED.replace(" ", "-"),
        f"https://customs.example.az/n/{GOOD}",
        f"https://customs.example.az/?lang=az&number={GOOD}",
        f"https://customs.example.az/?n={GROUPED.replace(' ', '%20')}",
        f"HTTPS://CUSTOMS.EXAMPLE.AZ/?NUMBER={GROUPED.replace(' ', '+')}",
        f"NOMRE={GOOD};TARIX=24.11.2026",
        f'{{"type": "short", "notification_number": "{GOOD}"}}',
        f"Bildiriş {GROUPED}, 24.11.2026 14:05, tel. +994 12 404 22 00",
        # another 13-digit number beside it, but only one is named
        f"ean={OTHER}&number={GOOD}",
    ],
)
def test_the_shapes_a_notice_may_have(text: str) -> None:
    """Bare, grouped, in an address, as key and value, in a sentence."""
    assert find_number(text) == GOOD


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        f"{GOOD[:-1]}{(int(GOOD[-1]) + 1) % 10}",
        f"{GOOD}{GOOD}",
        f"{GOOD} {OTHER}",
        f"number={GOOD}&number={OTHER}",
        f"1{GOOD}",
        "٤٨٢٩١٣٧٥٦٠١٢٩",
        f"{GOOD[:6]}\n{GOOD[6:]} x",
        "https://example.com/" + "9" * 600,
        f"{GOOD}" + " " * SCAN_MAX,
    ],
)
def test_a_foreign_code_holds_no_number(text: str) -> None:
    """None at all, two of them, a slip in it, digits that run on, other digits, too long."""
    assert find_number(text) is None


@given(NUMBERS, st.sampled_from(["{}", "N:{}", "https://x.az/?number={}&v=1", "x {} y"]))
def test_every_number_is_found_in_every_shape(good: str, shape: str) -> None:
    """Whatever its digits are."""
    assert find_number(shape.format(good)) == good


@given(st.text(max_size=SCAN_MAX + 50))
def test_no_text_makes_it_fail(text: str) -> None:
    """A code is foreign text."""
    found = find_number(text)
    assert found is None or len(found) == 13


@given(st.text("0123456789 -=&?n%+", min_size=SCAN_MAX, max_size=SCAN_MAX))
def test_the_worst_text_takes_no_time(text: str) -> None:
    """No pattern in it goes back and forth over long digits: hypothesis' deadline is the judge."""
    find_number(text)
