"""The whole daemon on a machine whose clock is wrong, or before a central whose clock is."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from gate.demo.officer import Officer
from gate.model import Corridor
from tests.app.central import FakeCentral
from tests.app.daemon import ACCOUNT, Daemon
from tests.app.test_feed import _port, attended, codes
from tests.cli.calling import gate
from tests.store.kept import rows

SLOW = timedelta(seconds=-40)


def _central(daemon: Daemon) -> FakeCentral:
    daemon.add_officer()
    return FakeCentral(daemon.central_key, daemon.site_public)


async def _first_page(daemon: Daemon) -> str:
    officer = Officer(daemon.console, *ACCOUNT, trust=daemon.trust)
    try:
        await officer.log_in()
        return (await officer._client.get("/")).text
    finally:
        await officer.aclose()


async def test_a_dead_clock_is_known_again_by_central_and_remembered_by_the_next_run(daemon: Daemon) -> None:
    """Switched on with a slow clock and no central: held. Central answers: directed. The daemon restarts
    with central away: still trusted. The power fails: held again.
    """
    central = _central(daemon)
    numbers = [central.publish(central.declaration(Corridor.GREEN)) for _ in range(4)]
    async with central.serving(_port(daemon)):
        await daemon.start_adrift(SLOW)
        health = await daemon.until_healthy(lambda told: told["clock"]["state"] == "trusted", "the time")
        assert abs(health["clock"]["offset_seconds"] - 40) < 2
        assert abs((await daemon.metrics())["gate_clock_offset_seconds"] - 40) < 2
        async with attended(daemon) as hall:
            assert (await hall.type(numbers[0]))["corridor"] == "GREEN"
        # The measure is kept within half a second of being made; only then does a restart know it.
        await daemon.until_healthy(
            lambda _: bool(rows(daemon.data / "journal.db", "SELECT 1 FROM meta WHERE key = 'clock'")),
            "a measure on the disk",
        )
        await daemon.end()  # and no orderly end, either

    await daemon.start_adrift(SLOW)
    health = await daemon.until_answering()
    assert health["clock"]["state"] == "trusted", "measured before the restart, in this boot"
    async with attended(daemon) as hall:
        assert (await hall.type(numbers[1]))["corridor"] == "GREEN"
    await daemon.end()

    await daemon.start_adrift(datetime(1970, 1, 1, tzinfo=UTC) - datetime.now(UTC), boot="next-boot")
    health = await daemon.until_answering()
    assert health["clock"]["state"] == "unknown"
    assert math.isnan((await daemon.metrics())["gate_clock_offset_seconds"])
    async with attended(daemon) as hall:
        held = await hall.type(numbers[2])
        assert (held["status"], held["corridor"]) == ("held", None)
        assert "clock-unknown" in codes(held)
    status = await gate("status", "-c", daemon.config)
    assert status.code == 1
    assert "timedatectl" in status.out
    assert "timedatectl" in await _first_page(daemon)


async def test_a_central_ten_minutes_off_holds_everybody_and_the_console_says_so(daemon: Daemon) -> None:
    """The Rules' times are central's, right or wrong: somebody must look at the two clocks."""
    central = _central(daemon)
    central.ahead = timedelta(minutes=10)
    number = central.publish(central.declaration(Corridor.GREEN))
    async with central.serving(_port(daemon)):
        await daemon.start_adrift(timedelta())
        health = await daemon.until_healthy(lambda told: told["clock"]["state"] == "skewed", "the skew")
        assert health["clock"]["says"] == "wrong: 600 s behind central's"
        async with attended(daemon) as hall:
            held = await hall.type(number)
        assert (held["status"], held["corridor"]) == ("held", None)
        assert codes(held) == {"clock-skewed"}
        page = await _first_page(daemon)
        assert "600 s behind central" in page
        assert "timedatectl set-ntp true" in page
        status = await gate("status", "-c", daemon.config)
        assert (status.code, "600 s behind" in status.out) == (1, True)
        # A time server, or central's operators, put it right: no restart is needed.
        central.ahead = timedelta()
        await daemon.until_healthy(lambda told: told["clock"]["state"] == "trusted", "the right time")
