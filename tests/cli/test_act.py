"""`gate act`: through the console's own door, with its logins, roles, looks and record."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from structlog.testing import capture_logs
from typer.testing import CliRunner

from gate.cli.act import act
from gate.lanes.state import Phase
from gate.model import VisitStatus
from tests.cli.calling import Done, gate
from tests.cli.test_status import site_at
from tests.console.conftest import Accounts, accounts
from tests.console.real_booth import SHOWN, Booth, real_booth
from tests.console.serving import PASSWORD, served
from tests.lanes.looks import journalled_acts
from tests.lanes.officers import in_control, in_the_bay
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, declared, openings
from tests.store.kept import rows

__all__ = ["accounts"]
COMMAND = typer.Typer()
COMMAND.command()(act)


@dataclass(frozen=True)
class Terminal:
    """A terminal at the site of a running gate."""

    booth: Booth
    site: Path

    async def act(self, *words: str, typed: str = "", officer: str | None = "Leyla") -> Done:
        """`gate act WORDS...`, with what is typed where a password is asked for."""
        named = ["--officer", officer, "--password-stdin"] if officer else []
        typed = typed or f"{PASSWORD}\n"
        said = [*words, *named, "-c", str(self.site)]
        # In a thread of this process: a new interpreter for each of these would cost a second.
        done = await asyncio.to_thread(CliRunner().invoke, COMMAND, said, input=typed)
        return Done(done.exit_code, done.stdout, done.stderr)

    async def told(self, *words: str, **more: Any) -> tuple[int, dict[str, Any]]:
        """The same with --json: exit code and what it said."""
        done = await self.act(*words, "--json", **more)
        return done.code, done.told


@pytest.fixture
async def terminal(tmp_path: Path, accounts: Accounts) -> AsyncIterator[Terminal]:
    """A running checkpoint, its console on a real port."""
    # The gate's own log lines would stand among the command's output: one process, one stdout.
    with capture_logs():
        async with real_booth(tmp_path, accounts) as booth, served(booth.app) as address:
            yield Terminal(booth, site_at(tmp_path, address))


async def test_a_red_vehicle_is_released_from_a_terminal(terminal: Terminal) -> None:
    """Listed, seen, done with exit 0, on record like any other; the second time it is not done: exit 1."""
    visit_id = await in_control(terminal.booth.house)
    offers = (await terminal.told("list"))[1]["offers"]
    assert {"ReleaseVisit"} <= {offer["act"] for offer in offers if offer["visit_id"] == visit_id}
    release = ("ReleaseVisit", "--visit", visit_id, "--checked", "papers", "--checked", "seals")
    spoken = await terminal.act(*release, "--yes")
    assert (spoken.code, spoken.out) == (0, "done\n")
    assert f"plate       {LORRY}" in spoken.err
    (kept,) = journalled_acts(terminal.booth.house)
    assert (kept["act"]["officer"], kept["act"]["checked"]) == ("Leyla", ["papers", "seals"])
    assert kept["act"]["seen"]["sight"]["evidence"] == SHOWN
    code, again = await terminal.told(*release)
    assert (code, again["answered"], again["done"], again["status"]) == (1, True, False, 409)
    assert again["sight"]["status"] == "released"


async def test_roles_passwords_and_fields_are_the_consoles(terminal: Terminal) -> None:
    """A wrong password, an auditor, an act there is not, a release of nothing checked: exit 1, and why."""
    visit_id = await in_control(terminal.booth.house)
    code, wrong = await terminal.told("list", typed="wrong words here\n")
    assert (code, "not right" in wrong["message"]) == (1, True)
    code, auditor = await terminal.told("ReleaseVisit", "--visit", visit_id, "--checked", "x", officer="Rauf")
    assert (code, auditor["status"], "auditor" in auditor["message"]) == (1, 403, True)
    code, nothing = await terminal.told("ReleaseVisit", "--visit", visit_id)
    assert (code, nothing["status"]) == (1, 422)
    code, unknown = await terminal.told("OpenVerdict", "--visit", visit_id)
    assert (code, "must be one of" in unknown["message"]) == (1, True)
    code, blind = await terminal.told("TurnBack", "--visit", "nobody", "--reason", "x")
    assert (code, "look at the vehicle first" in blind["message"]) == (1, True)
    assert terminal.booth.house.points["lane-4"].state.phase is Phase.CONTROL


async def test_a_second_officer_here_and_elsewhere(terminal: Terminal) -> None:
    """Refused alone; asked, and agreed to from another terminal with his own password typed again."""
    house = terminal.booth.house
    await house.files(declared(house))
    visit_id = await house.approaches(read(VAN))
    await house.moves_on()
    confirm = ("ConfirmPlate", "--visit", visit_id, "--point", "holding-bay", "--mark", LORRY)
    alone = await terminal.act(*confirm, "--yes")
    assert (alone.code, "--ask-second" in alone.err) == (1, True)
    wrong = await terminal.told(*confirm, "--second", "Nigar", typed=f"{PASSWORD}\nwrong words here\n")
    assert wrong[0] == 1
    assert (await terminal.act(*confirm, "--ask-second", "--yes")).code == 0
    offers = (await terminal.told("list", officer="Nigar"))[1]["offers"]
    (request,) = [offer["request_id"] for offer in offers if offer["act"] == "AgreeAsSecond"]
    twice = f"{PASSWORD}\n{PASSWORD}\n"
    agree = ("AgreeAsSecond", "--request", request, "--yes")
    done = await terminal.act(*agree, typed=twice, officer="Nigar")
    assert (done.code, "directed to lane 1" in done.out) == (0, True)
    assert openings(house) == [(ONE, "GREEN")]


async def test_a_session_is_a_login_kept_for_oneself(terminal: Terminal, tmp_path: Path) -> None:
    """Mode 0600 or refused; it needs no password until it ends, and is gone after logout."""
    visit_id = await in_the_bay(terminal.booth.house)
    kept = tmp_path / "session"
    kept.write_text("left by somebody")
    kept.chmod(0o644)
    opened = await terminal.act("login", "--session", str(kept))
    assert opened.code == 0, opened.err
    assert kept.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in kept.read_text()
    refer = ("ReferVisit", "--visit", visit_id, "--reason", "transit", "--session", str(kept))
    kept.chmod(0o640)
    code, told = await terminal.told(*refer, officer=None)
    assert (code, "others may read it" in told["message"]) == (1, True)
    kept.chmod(0o600)
    code, told = await terminal.told(*refer, officer=None)
    assert (code, told["done"]) == (0, True), told
    copy = tmp_path / "copy"
    copy.write_text(kept.read_text())
    copy.chmod(0o600)
    assert (await terminal.act("logout", "--session", str(kept), officer=None)).code == 0
    assert not kept.exists()
    code, told = await terminal.told("list", "--session", str(copy), officer=None)
    assert (code, "has ended" in told["message"]) == (1, True)
    assert (await terminal.booth.house.knows(visit_id)).status is VisitStatus.REFERRED


async def test_nothing_is_left_logged_in(terminal: Terminal, tmp_path: Path) -> None:
    """A login made for one call ends with it."""
    before = rows(tmp_path / "officers.db", "SELECT count(*) FROM login")
    assert (await terminal.act("ClosePoint", "--point", "lane-1", "--yes")).code == 0
    assert rows(tmp_path / "officers.db", "SELECT count(*) FROM login") == before
    assert terminal.booth.house.points["lane-1"].state.phase is Phase.CLOSED


async def test_wrong_usage(terminal: Terminal) -> None:
    """Exit 2: a password among the fields, a login with nowhere to keep it."""
    for words, says in (
        (("ConfirmPlate", "--field", "second_password=x"), "passwords are asked for"),
        (("login",), "--session FILE"),
    ):
        done = await terminal.act(*words)
        assert done.code == 2
        assert says in " ".join(done.err.replace("│", " ").split())


async def test_nobody_answers(tmp_path: Path) -> None:
    """The real command, no daemon: exit 3, in words and as JSON."""
    with socket.socket() as taken:  # bound but not listening: refused for certain
        taken.bind(("127.0.0.1", 0))
        site = site_at(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}")
        who = ("--officer", "Leyla", "--password-stdin")
        done = await gate("act", "list", *who, "-c", site, "--json", typed="x\n")
    assert (done.code, done.told["answered"]) == (3, False)
