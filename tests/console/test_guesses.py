"""Guessing is slow, and nobody can be shut out of a booth by somebody else's guesses."""

from __future__ import annotations

from pathlib import Path

from gate.store.guesses import FREE_AT_ADDRESS, MOST_FAILURE_ROWS
from gate.store.officers import Login, LoginRefused, Officers
from tests.console.conftest import HandClock
from tests.console.quick import quick_officers
from tests.console.serving import PASSWORD
from tests.store.kept import rows


def logged_in(officers: Officers, address: str, browser: str = "") -> Login:
    """Leyla's login, which must open at once."""
    login = officers.log_in("Leyla", PASSWORD, address, browser)
    assert isinstance(login, Login)
    return login


def refused(officers: Officers, address: str, name: str = "Leyla", browser: str = "") -> float:
    """A wrong try; the seconds to wait after it."""
    answer = officers.log_in(name, "wrong words here", address, browser)
    assert isinstance(answer, LoginRefused)
    return answer.retry_after


def test_a_thousand_wrong_tries_elsewhere_do_not_keep_her_out_of_her_booth(tmp_path: Path) -> None:
    """A neighbour guesses all morning, patiently and impatiently; Leyla logs in at her booth at once."""
    clock = HandClock()
    with quick_officers(tmp_path, clock) as officers:
        booth = logged_in(officers, "10.0.0.5")
        for _ in range(950):
            refused(officers, "10.0.0.66")
        for _ in range(50):
            clock.forward(refused(officers, "10.0.0.66"))
        assert refused(officers, "10.0.0.66") == 15 * 60
        logged_in(officers, "10.0.0.5", booth.browser)
        logged_in(officers, "10.0.0.7")  # nor at another booth, where she never was


def test_not_even_from_behind_the_same_address(tmp_path: Path) -> None:
    """Behind a proxy all come from one address: her browser is known, the stranger's is not."""
    with quick_officers(tmp_path, HandClock()) as officers:
        booth = logged_in(officers, "127.0.0.1")
        for _ in range(1000):
            refused(officers, "127.0.0.1")
        assert isinstance(officers.log_in("Leyla", PASSWORD, "127.0.0.1"), LoginRefused)
        made_up = officers.log_in("Leyla", PASSWORD, "127.0.0.1", "a cookie of the stranger's own")
        assert isinstance(made_up, LoginRefused)
        logged_in(officers, "127.0.0.1", booth.browser)


def test_at_her_own_browser_the_wait_is_never_longer_than_half_a_minute(tmp_path: Path) -> None:
    """Whoever sits down at her screen and guesses is slowed all the same."""
    clock = HandClock()
    with quick_officers(tmp_path, clock) as officers:
        browser = logged_in(officers, "10.0.0.5").browser
        for _ in range(20):
            wait = refused(officers, "10.0.0.5", browser=browser)
            clock.forward(wait)
        assert wait == 30
        logged_in(officers, "10.0.0.5", browser)
        assert refused(officers, "10.0.0.5", browser=browser) == 0, "it was she: forgotten"


def test_a_known_browser_knows_only_who_has_logged_in_there(tmp_path: Path) -> None:
    """Leyla's cookie gives nobody a free try at Nigar's password."""
    with quick_officers(tmp_path, HandClock()) as officers:
        browser = logged_in(officers, "10.0.0.5").browser
        for _ in range(4):
            wait = refused(officers, "10.0.0.66", "Nigar", browser)
        assert wait == 2
        assert isinstance(officers.log_in("Nigar", PASSWORD, "10.0.0.66"), LoginRefused)


def test_many_names_from_one_address_are_guesses_too(tmp_path: Path) -> None:
    """One try at each of many names: after fifty the address waits, and known browsers do not."""
    with quick_officers(tmp_path, HandClock()) as officers:
        browser = logged_in(officers, "10.0.0.5").browser
        waits = [refused(officers, "10.0.0.5", f"officer {at}") for at in range(FREE_AT_ADDRESS + 1)]
        assert waits == [0.0] * FREE_AT_ADDRESS + [2.0]
        assert isinstance(officers.log_in("Nigar", PASSWORD, "10.0.0.5"), LoginRefused)
        logged_in(officers, "10.0.0.5", browser)


def test_the_delays_are_bounded_and_inventing_names_forgets_none(tmp_path: Path) -> None:
    """As many rows as are allowed, and one more: the poorest go, the guesser's own stays."""
    clock = HandClock()
    with quick_officers(tmp_path, clock) as officers:
        for _ in range(5):
            clock.forward(refused(officers, "10.0.0.66"))
        with officers._file.writing() as db:
            now = officers._file.seconds()
            made = [(f"n{at}", "10.0.0.66", 1, now, 0.0) for at in range(MOST_FAILURE_ROWS)]
            db.executemany("INSERT INTO failed_login VALUES (?,?,?,?,?)", made)
        refused(officers, "10.0.0.67", "one more")
        kept = rows(tmp_path / "quick.db", "SELECT * FROM failed_login")
        assert len(kept) <= MOST_FAILURE_ROWS
        assert refused(officers, "10.0.0.66") > 4


def test_guesses_are_kept_for_the_journal_without_the_names_typed(tmp_path: Path) -> None:
    """At most thirty lines an hour, whatever is tried; what was typed as a name is in none."""
    clock = HandClock()
    with quick_officers(tmp_path, clock) as officers:
        for at in range(60):
            for _ in range(4):
                refused(officers, f"10.0.1.{at}", "my pass phrase")
        told = [event for event in officers.events.waiting() if event.change == "logins-refused"]
        assert len(told) == 30
        assert {event.account for event in told} == {""}
        assert "my pass phrase" not in repr(told)
