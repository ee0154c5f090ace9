"""What will do as a password."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from gate.store.accounts import OfficerError
from gate.store.guessable import LEAST_BITS, bits
from gate.store.passwords import PASSWORD_MAX, PASSWORD_MIN, REFUSED_LIST, Passwords
from tests.console.quick import QUICK

HERE = ("Leyla Məmmədova", "astara-1")


@pytest.mark.parametrize(
    "password",
    [
        *(
            "password12345678",
            "P@ssw0rd P@ssw0rd",
            "qwertyuiopasdfghjkl",
            "1qaz2wsx3edc4rfv",
            "aaaaaaaaaaaaaaaa",
        ),
        *("abcabcabcabcabcabc", "123456789012345678", "correct horse battery staple", "iloveyoubaku2024"),
        *(
            "leylaleylaleyla",
            "Məmmədova Leyla 1",
            "gate-console-leyla",
            "astara astara astara",
            "Gömrük Gömrük 2026",
        ),
        *("mavi dehliz gömrük", "customs checkpoint 1", "welcometothegate", "йцукенгшщзфывапр"),
    ],
)
def test_what_guessers_try_first_is_refused(tmp_path: Path, password: str) -> None:
    """Common words, rows of keys, repeats, counting, the place and the officer's own name."""
    with pytest.raises(OfficerError, match="too easy to guess"):
        Passwords(tmp_path, QUICK).check(password, HERE)


@pytest.mark.parametrize(
    "password",
    [
        "seven tall poplars",
        "otuz beş əzik alma",
        "xk4!vQ9zL2mWp7Rt",
        "дождь над старой мельницей",
        "ördək uçdu, gölə qondu",
    ],
)
def test_words_that_do_not_belong_together_will_do(tmp_path: Path, password: str) -> None:
    """Of any letters; no rule asks for capitals, digits or signs."""
    Passwords(tmp_path, QUICK).check(password, HERE)


def test_thousands_of_likely_ones_are_refused() -> None:
    """More than three thousand long enough, put together as the published lists' long ones are."""
    words = ["password", "welcome", "iloveyou", "azerbaijan", "football", "sunshine", "dragon", "parol"]
    words += ["sifre", "admin", "qwerty", "letmein"]
    tails = ["123456789", "2024", "2026", "1234567890", "!", "!!!", "1", "123", "007", "baku", "gate", "love"]
    tried = {
        spelt
        for one, two, tail in product(words, words, tails)
        for spelt in (
            one + two + tail,
            f"{one} {two} {tail}",
            (one + two + tail).title(),
            one.upper() + two + tail,
        )
        if len(spelt) >= PASSWORD_MIN
    }
    assert len(tried) > 3000
    assert [password for password in tried if bits(password) >= LEAST_BITS] == []


def test_the_sites_own_list_is_asked(tmp_path: Path) -> None:
    """A list of breached passwords laid beside the accounts is looked up, whatever the case."""
    (tmp_path / REFUSED_LIST).write_text("something else entirely\nSeven Tall Poplars\n", encoding="utf-8")
    with pytest.raises(OfficerError, match="list of refused"):
        Passwords(tmp_path, QUICK).check("seven tall poplars", HERE)
    Passwords(tmp_path, QUICK).check("seven tall poplars again", HERE)


def test_every_character_counts(tmp_path: Path) -> None:
    """Long ones are taken whole: nothing is cut off, folded or trimmed."""
    passwords = Passwords(tmp_path, QUICK)
    long = "seven tall poplars and a well " * 8
    passwords.check(long[:PASSWORD_MAX], HERE)
    hashed = passwords.hashed(long[:PASSWORD_MAX])
    assert passwords.agrees(hashed, long[:PASSWORD_MAX])
    for other in (long[: PASSWORD_MAX - 1], long, long[:PASSWORD_MAX].upper(), long[:PASSWORD_MAX].strip()):
        assert other == long[:PASSWORD_MAX] or not passwords.agrees(hashed, other)
    assert not passwords.agrees(None, long)
