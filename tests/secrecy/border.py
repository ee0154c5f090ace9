"""What stands around the gate and outlives a run: ports, keys, officers, the broker; and central's dice."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gate.clock import Instant
from gate.model import Corridor
from gate.sealing.keys import load_site_public, make_central_keys, make_site_keys
from gate.settings import SiteSettings
from gate.store.officers import Login, Officers, Role
from hardware.emulators.broker import OPEN, Broker, free_port
from tests.secrecy.steady import DAWN

SITE = "samur"
PASSWORD = "seven tall poplars"
CAMERA_SECRET = "0123456789abcdef0123456789abcdef"
STAFF = {
    Role.OFFICER: "Leyla",
    Role.SHIFT_LEAD: "Nigar",
    Role.AUDITOR: "Rauf",
    Role.TECHNICIAN: "Togrul",
}
PLAIN = ssl.create_default_context()
"""For clients that speak plain HTTP: each would load all the world's certificates, at 40 ms a piece."""
NIGHT = timedelta(minutes=65)
"""How long the gate is down between evening and morning: longer than the lead time (2.2) and a login."""
_LANES = {"1": "GREEN", "2": "BLUE", "3": "YELLOW", "4": "RED"}


class _Standing:
    """A clock that stands where it is put: the officers' logins of evening and morning are made ahead."""

    def __init__(self, utc: datetime) -> None:
        self._utc = utc

    def now(self) -> Instant:
        return Instant(self._utc, 0.0)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Dice(random.Random):
    """Central's: numbers from one stream, draws for a check (6.6) as the day's script wants them.

    So the numbers of a run do not depend on how many draws there were before them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._numbers = random.Random(11)  # noqa: S311 - a test repeats
        self.drawn = False
        """Whether the next declarations are drawn, if the caps allow."""

    def random(self) -> float:
        """A draw."""
        return 0.0 if self.drawn else 0.999

    def getrandbits(self, k: int, /) -> int:
        """What numbers are made of."""
        return self._numbers.getrandbits(k)


@dataclass(frozen=True)
class Border:
    """Made once for all runs, so that no two of them differ in it."""

    folder: Path
    console: int
    kiosk: int
    push: int
    central: int
    broker: Broker
    tokens: tuple[dict[Role, str], dict[Role, str]]
    """Each role's login of the evening, and of the morning."""
    true_time: asyncio.Runner
    """Where the broker's process is kept: it lives on the machine's own time."""

    @property
    def data(self) -> Path:
        """The gate's data folder, the same path in every run: paths may be told."""
        return self.folder / "run" / "edge"

    @property
    def central_data(self) -> Path:
        """Central's."""
        return self.folder / "run" / "central"

    def start_broker(self) -> None:
        """A broker that remembers nothing, at the same port."""
        self.true_time.run(self.broker.start())

    def stop_broker(self) -> None:
        """And its end."""
        self.true_time.run(self.broker.stop())

    def clear(self) -> None:
        """A new checkpoint: keys and officers, no memory."""
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        shutil.copytree(self.folder / "keys", self.data / "keys")
        self.log_in("evening")
        self.central_data.mkdir(parents=True)
        for name in ("central.key", "central.pub"):
            shutil.copy(self.folder / name, self.central_data / name)

    def log_in(self, part: str) -> None:
        """The officers of this part of the day have logged in."""
        shutil.copy(self.folder / f"{part}.db", self.data / "officers.db")

    @property
    def site_public(self) -> Any:
        """What central seals to."""
        return load_site_public(self.folder / "keys/site.pub")

    def corridor_of(self, number: str) -> Corridor | None:
        """The truth, out of central's own books: nobody at the checkpoint can know it."""
        with closing(sqlite3.connect(f"file:{self.central_data / 'central.db'}?mode=ro", uri=True)) as books:
            row = books.execute(
                "SELECT corridor FROM selections WHERE number = ? ORDER BY version DESC", (number,)
            ).fetchone()
        return Corridor(row[0]) if row else None

    def settings(self) -> SiteSettings:
        """Lanes on the broker, boards on serial lines and the broker, cameras that read by themselves."""
        camera = {
            "driver": "webhook",
            "sources": ["127.0.0.1"],
            "secret_file": str(self.data / "keys/camera"),
        }
        points: list[dict[str, Any]] = [
            {
                "name": "approach",
                "label": "A",
                "kind": "approach",
                "io": {"driver": "mqtt", "inputs": ["arming"]},
                "board": {"driver": "alpha-serial", "port": "dev/approach-board"},
                "push": camera | {"camera": "approach"},
                "kiosk": True,
                "scanner": {"driver": "serial", "port": "dev/approach-scanner"},
                "keypad": {"driver": "gate-keypad", "port": "dev/approach-keypad"},
            }
        ]
        points += [
            {
                "name": f"lane-{label}",
                "label": label,
                "kind": "entry",
                "corridors": [corridor],
                "io": {"driver": "mqtt"},
                "board": {"driver": "mqtt"}
                if label == "2"
                else {"driver": "alpha-serial", "port": f"dev/lane-{label}-board"},
                "push": camera | {"camera": f"lane-{label}"},
            }
            for label, corridor in _LANES.items()
        ]
        points += [
            {
                "name": "exit-1",
                "label": "X",
                "kind": "exit",
                "io": {"driver": "mqtt"},
                "push": camera | {"camera": "exit-1"},
            },
            {"name": "hall-1", "label": "T", "kind": "terminal", "kiosk": True},
        ]
        return SiteSettings.model_validate(
            {
                "site": SITE,
                "mode": "demo",
                "data": self.data,
                "keys": {
                    "site_private": self.data / "keys/site.key",
                    "central_public": self.data / "keys/central.pub",
                },
                "central": {
                    "url": f"http://127.0.0.1:{self.central}",
                    "token_file": self.data / "keys/token",
                    "pull_seconds": 2,
                    "push_seconds": 2,
                },
                "mqtt": {"host": self.broker.host, "port": self.broker.port},
                # What travels is compared byte for byte, which TLS is there to prevent.
                "console": {"port": self.console, "tls": "off"},
                "kiosk": {"port": self.kiosk, "tls": "off"},
                "push_listen": {"port": self.push},
                "anpr": {"give_up_seconds": 2},
                "policy": {"version": "test-1"},
                "timing": {"read": 3, "barrier": 3, "enter": 20, "clear": 0.5, "back": 2},
                "points": points,
            }
        )


@contextmanager
def border(folder: Path) -> Iterator[Border]:
    """Everything that all runs share; the broker runs on a loop of its own, in true time."""
    (folder / "keys").mkdir(parents=True)
    make_site_keys(folder / "keys/site.key", folder / "keys/site.pub")
    make_central_keys(folder / "central.key", folder / "central.pub")
    shutil.copy(folder / "central.pub", folder / "keys/central.pub")
    (folder / "keys/camera").write_text(CAMERA_SECRET + "\n", encoding="ascii")
    tokens = (_log_ins(folder / "evening.db", DAWN), _log_ins(folder / "morning.db", DAWN + NIGHT))
    with asyncio.Runner() as runner:
        console, kiosk, push, central = _free_ports(4)
        # A message that waits behind twenty unacknowledged ones would be on no wire that we can look at.
        broker = Broker(folder / "broker", config=f"{OPEN}max_inflight_messages 0\n")
        yield Border(folder, console, kiosk, push, central, broker, tokens, runner)


def _free_ports(count: int) -> set[int]:
    """So many different ones."""
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return ports


def _log_ins(path: Path, when: datetime) -> dict[Role, str]:
    """One login of each role; hashing is slow on purpose, so it is done once for all runs."""
    officers = Officers(path, _Standing(when))
    try:
        tokens = {}
        for role, name in STAFF.items():
            officers.add(name, PASSWORD, role)
            login = officers.log_in(name, PASSWORD, "127.0.0.1")
            assert isinstance(login, Login)
            tokens[role] = login.token
        return tokens
    finally:
        officers.close()
