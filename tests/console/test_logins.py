"""A login's token: it changes with time, none is lost on the way, and a stolen one is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.store.logins import MOST_LOGINS, OVERLAP_SECONDS, ROTATE_SECONDS
from gate.store.officers import Login, LoginLimits, Officers, Role
from tests.console.conftest import HandClock, Room
from tests.console.quick import QUICK, quick_officers
from tests.console.serving import PASSWORD, client_of, csrf_of, log_in

LONG = LoginLimits(idle_seconds=3600, absolute_seconds=12 * 3600)


@pytest.fixture
def clock() -> HandClock:
    """The morning."""
    return HandClock()


def opened(officers: Officers, address: str = "10.0.0.5") -> str:
    """A token of Leyla's."""
    login = officers.log_in("Leyla", PASSWORD, address)
    assert isinstance(login, Login)
    return login.token


def renewed(officers: Officers, token: str) -> str:
    """The new token that this request is given."""
    login = officers.session(token, touch=True)
    assert login is not None
    assert login.fresh_token is not None
    return login.fresh_token


def test_the_token_changes_every_half_hour_and_the_forms_do_not(tmp_path: Path, clock: HandClock) -> None:
    """The old one serves requests under way, until a minute after the browser has used the new one."""
    with quick_officers(tmp_path, clock, LONG) as officers:
        old = opened(officers)
        before = officers.session(old, touch=True)
        assert before is not None
        assert before.fresh_token is None
        clock.forward(ROTATE_SECONDS)
        fresh = renewed(officers, old)
        beside = officers.session(old, touch=True)
        assert beside is not None
        assert beside.fresh_token is None, "one new token, however many requests were under way"
        after = officers.session(fresh, touch=True)
        assert after is not None
        assert (after.login_id, after.form_key) == (before.login_id, before.form_key)
        clock.forward(OVERLAP_SECONDS - 1)
        assert officers.session(old, touch=False) is not None


def test_an_old_token_that_comes_back_ends_the_login(tmp_path: Path, clock: HandClock) -> None:
    """Somebody copied it: neither he nor the browser goes on, and it is on record."""
    with quick_officers(tmp_path, clock, LONG) as officers:
        old = opened(officers)
        clock.forward(ROTATE_SECONDS)
        fresh = renewed(officers, old)
        assert officers.session(fresh, touch=True) is not None
        clock.forward(OVERLAP_SECONDS)
        assert officers.session(old, touch=False) is None
        assert officers.session(fresh, touch=True) is None
        assert officers.events.waiting()[-1].change == "old-token-came-back"


def test_an_answer_that_never_came_home_loses_no_login(tmp_path: Path, clock: HandClock) -> None:
    """The browser never got the new token: the old one goes on, and is given another."""
    with quick_officers(tmp_path, clock, LONG) as officers:
        old = opened(officers)
        clock.forward(ROTATE_SECONDS)
        lost = renewed(officers, old)
        clock.forward(OVERLAP_SECONDS)
        again = renewed(officers, old)
        assert officers.session(again, touch=True) is not None
        assert officers.session(lost, touch=True) is None


def test_a_screen_that_refreshes_by_itself_gets_no_new_token(tmp_path: Path, clock: HandClock) -> None:
    """Only a person's own requests renew a login, as only they keep it alive."""
    with quick_officers(tmp_path, clock, LONG) as officers:
        token = opened(officers)
        clock.forward(ROTATE_SECONDS)
        watching = officers.session(token, touch=False)
        assert watching is not None
        assert watching.fresh_token is None
        assert officers.is_open(watching.login_id)


def test_a_new_login_ends_the_one_the_browser_had(tmp_path: Path, clock: HandClock) -> None:
    """Logging in again, as the same or as another, leaves no login behind."""
    with quick_officers(tmp_path, clock) as officers:
        first = opened(officers)
        assert isinstance(officers.log_in("Nigar", PASSWORD, "10.0.0.5", instead_of=first), Login)
        assert officers.session(first, touch=False) is None


def test_one_login_too_many_ends_the_one_idle_longest(tmp_path: Path, clock: HandClock) -> None:
    """Eight screens at once; the ninth ends the first."""
    with quick_officers(tmp_path, clock) as officers:
        tokens = []
        for at in range(MOST_LOGINS + 1):
            clock.forward(20)
            tokens.append(opened(officers, f"10.0.0.{at}"))
        assert officers.session(tokens[0], touch=False) is None
        assert [one.source for one in officers.logins("leyla")] == [
            f"10.0.0.{at}" for at in reversed(range(1, MOST_LOGINS + 1))
        ]


def test_the_sites_own_limits_hold(tmp_path: Path, clock: HandClock) -> None:
    """Five minutes of nobody, one hour in all."""
    with quick_officers(tmp_path, clock, LoginLimits(300, 3600)) as officers:
        idle = opened(officers)
        clock.forward(300)
        assert officers.session(idle, touch=True) is None
        busy = opened(officers)
        for _ in range(14):
            clock.forward(250)
            found = officers.session(busy, touch=True)
            assert found is not None
            busy = found.fresh_token or busy
        (login,) = officers.logins("Leyla")
        clock.forward(100)
        assert officers.session(busy, touch=True) is None
        assert not officers.is_open(login.login_id)


@pytest.mark.parametrize("change", ["disable", "role", "password", "remove", "end"])
def test_whatever_changes_an_account_ends_its_logins_at_once(
    tmp_path: Path, clock: HandClock, change: str
) -> None:
    """Nobody goes on with the rights, the password or the account of before; and it is kept who did it."""
    with quick_officers(tmp_path, clock) as officers:
        token = opened(officers)
        match change:
            case "disable":
                officers.disable("leyla", "root")
                assert officers.verify("Leyla", PASSWORD) is None
                officers.enable("leyla", "root")
                assert officers.verify("Leyla", PASSWORD) is not None
            case "role":
                officers.set_role("leyla", Role.AUDITOR, "root")
            case "password":
                officers.set_password("leyla", "nine crooked willows", "root")
            case "remove":
                officers.remove("leyla", "root")
            case _:
                assert officers.end_logins(None, "root") == 1
        assert officers.session(token, touch=True) is None
        assert officers.events.waiting()[-1].acted_by == "root"


def test_a_password_is_hashed_anew_when_the_parameters_have_changed(tmp_path: Path, clock: HandClock) -> None:
    """At the next login, without anybody noticing."""
    with quick_officers(tmp_path, clock):
        pass
    stronger = Officers(tmp_path / "quick.db", clock)
    opened(stronger)
    kept = stronger._file.one("SELECT password_hash FROM officer WHERE account = 'leyla'")
    assert kept is not None
    assert not QUICK.check_needs_rehash(QUICK.hash("x"))
    assert QUICK.check_needs_rehash(str(kept[0]))
    opened(stronger)
    stronger.close()


async def test_the_browser_is_given_the_new_token_with_whatever_it_asked_for(room: Room) -> None:
    """The page's own form goes on working, an open screen stays open, the cookie is as strict as before."""
    async with client_of(room.app) as client:
        await log_in(client, "Leyla")
        form, old = await csrf_of(client), client.cookies["gate_session"]
        room.clock.forward(1700)
        await client.get("/")
        assert client.cookies["gate_session"] == old
        room.clock.forward(100)
        answer = await client.get("/")
        given = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("gate_session"))
        assert "HttpOnly" in given
        assert "SameSite=strict" in given
        assert client.cookies["gate_session"] != old
        assert await csrf_of(client) == form
        room.clock.forward(1700)
        await client.get("/")
        room.clock.forward(100)
        # A logout that falls due for a new token is a logout.
        assert (await client.post("/logout", data={"csrf": form})).status_code == 303
        assert (await client.get("/api/me")).status_code == 401
