"""Everything around the daemon, and the daemon itself: folders, keys, broker, central, devices, processes."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile
from typing import Self

import httpx2
from ruamel.yaml import YAML

from gate.certificates.authority import Paths
from gate.certificates.trust import trust_of
from gate.clock import SystemClock
from gate.config import load_site
from gate.demo.yard import Yard
from gate.errors import CertificateError, GateError
from gate.sealing.keys import make_signing_keys, make_site_keys
from gate.settings import SiteSettings
from gate.store.officers import Officers, Role
from hardware.emulators.broker import Broker, find_broker, free_port
from hardware.emulators.camera import CameraServer

START_SECONDS = 60.0
STOP_SECONDS = 8.0


class DemoError(GateError):
    """A part of the demo did not come up; its own output lies in the data folder."""


def template() -> Path:
    """Find the demo site's configuration: beside this file in a wheel, in config/ in a checkout."""
    packaged = Path(__file__).with_name("demo.yaml")
    return packaged if packaged.is_file() else Path(__file__).parents[2] / "config" / "demo.yaml"


class Stage:
    """`async with Stage(data, seed) as stage:` - everything runs inside, nothing after."""

    def __init__(self, data: Path, *, seed: int, default_ports: bool = False, broker: bool = True) -> None:
        self.data = data.resolve()
        self.edge = self.data / "edge"
        self.central_data = self.data / "central"
        self.account = ("demo", secrets.token_urlsafe(24))
        self.second_account = ("demo-second", secrets.token_urlsafe(24))
        """For what two officers must agree on."""
        self.notes: list[str] = []
        self._seed = seed
        self._default_ports = default_ports
        self._want_broker = broker
        self._broker: Broker | None = None
        self._central: asyncio.subprocess.Process | None = None
        self._daemon: asyncio.subprocess.Process | None = None
        self._config = self.edge / "site.yaml"
        self.cameras = CameraServer()
        self.settings: SiteSettings
        self.yard: Yard

    @property
    def central_url(self) -> str:
        """Where central listens."""
        if self.settings.central is None:
            raise AssertionError("the demo site has a central")
        return self.settings.central.url

    @property
    def console_url(self) -> str:
        """Where officers look."""
        return self.settings.console.url

    @property
    def kiosk_url(self) -> str:
        """Where drivers type."""
        return self.settings.kiosk.url

    @property
    def authority(self) -> Path:
        """What a browser must trust, to meet either face without a warning."""
        return Paths.of(self.edge).authority

    @property
    def trust(self) -> ssl.SSLContext | bool:
        """What clients of both faces verify them with. CertificateError before the daemon's first start."""
        return trust_of(self.settings, self.settings.console)

    @property
    def broker(self) -> Broker | None:
        """The broker, for those who make trouble."""
        return self._broker

    async def __aenter__(self) -> Self:
        try:
            await self._set_up()
        except BaseException:
            await self._tear_down()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tear_down()

    async def _set_up(self) -> None:
        for folder in (self.edge / "keys", self.edge / "dev", self.central_data):
            folder.mkdir(parents=True, exist_ok=True)
        if not (self.edge / "keys/site.key").exists():
            make_site_keys(self.edge / "keys/site.key", self.edge / "keys/site.pub")
        if not (self.edge / "keys/signing.key").exists():
            make_signing_keys(self.edge / "keys/signing.key", self.edge / "keys/signing.pub")
        await self._start_broker()
        await self.cameras.start()
        self._write_config()
        await self.start_central()
        copyfile(self.central_data / "central.pub", self.edge / "keys/central.pub")
        token = self.edge / "keys/token"
        copyfile(self.central_data / "tokens" / f"site-{self.settings.site}", token)
        token.chmod(0o600)
        self._add_officer()
        self.yard = Yard(self.settings, self.cameras)
        await self.yard.start()
        await self.start_daemon()

    async def _tear_down(self) -> None:
        await self.stop_daemon()
        await self.stop_central()
        if hasattr(self, "yard"):
            await self.yard.stop()
        await self.cameras.stop()
        if self._broker is not None:
            await self._broker.stop()

    async def _start_broker(self) -> None:
        if not self._want_broker or find_broker() is None:
            why = "no mosquitto on this machine (apt install mosquitto)" if self._want_broker else "as asked"
            self.notes.append(f"All lanes speak serial: {why}.")
            return
        self._broker = Broker(self.data / "broker")
        await self._broker.start()

    def _write_config(self) -> None:
        """Fill ports and addresses into the demo site's configuration, comments kept."""
        yaml = YAML()
        site = yaml.load(template().read_text(encoding="utf-8"))
        site["data"] = str(self.edge)
        if not self._default_ports or not _free(site["console"]["port"], site["kiosk"]["port"]):
            site["console"]["port"], site["kiosk"]["port"] = free_port(), free_port()
        site["central"]["url"] = f"http://127.0.0.1:{free_port()}"
        for point in site["points"]:
            if "camera" in point:
                point["camera"]["url"] = self.cameras.url(point["name"])
            for part, serial in (("io", "modbus-rtu"), ("board", "alpha-serial")):
                if self._broker is None and point.get(part, {}).get("driver") == "mqtt":
                    point[part] = {"driver": serial, "port": f"dev/{point['name']}-{part}"}
        if self._broker is None:
            del site["mqtt"]
        else:
            site["mqtt"]["port"] = self._broker.port
        with self._config.open("w", encoding="utf-8") as file:
            yaml.dump(site, file)
        self.settings = load_site(self._config)

    def _add_officer(self) -> None:
        officers = Officers(self.edge / "officers.db", SystemClock())
        try:
            officers.add(*self.account, Role.SHIFT_LEAD)
            officers.add(*self.second_account, Role.OFFICER)
        finally:
            officers.close()

    async def start_central(self) -> None:
        """Start the reference central and wait until it answers."""
        port = self.central_url.rsplit(":", 1)[1]
        self._central = await self._spawn(
            self.central_data / "output.log",
            *("central", "serve", "--data", str(self.central_data), "--port", port),
            *("--site", f"{self.settings.site}={self.edge / 'keys/site.pub'}"),
            *("--signing", f"{self.settings.site}={self.edge / 'keys/signing.pub'}"),
            *("--trust-received-at", "--seed", str(self._seed)),
        )
        anybodys = ssl.create_default_context()
        await self._answers(
            f"{self.central_url}/v1/healthz", self._central, "central", _answers, lambda: anybodys
        )

    async def stop_central(self) -> None:
        """Take central away."""
        await _stop(self._central)
        self._central = None

    async def start_daemon(self, *, ready: bool = True) -> None:
        """Start `gate run`; wait until it answers or, when `ready`, until every point is ready."""
        self._daemon = await self._spawn(
            self.edge / "output.log", "run", "-c", str(self._config), "--data", str(self.edge)
        )
        await self._answers(
            f"{self.console_url}/healthz",
            self._daemon,
            "the gate daemon",
            _is_ready if ready else _answers,
            lambda: self.trust,
        )

    async def stop_daemon(self) -> int | None:
        """SIGTERM the daemon; returns its exit code."""
        process, self._daemon = self._daemon, None
        await _stop(process)
        return process.returncode if process else None

    async def kill_daemon(self) -> None:
        """Kill -9 the daemon: power is gone."""
        if self._daemon is not None:
            self._daemon.kill()
            await self._daemon.wait()
            self._daemon = None

    async def _spawn(self, output: Path, *arguments: str) -> asyncio.subprocess.Process:
        with output.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "gate",
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
                process_group=0,  # Ctrl-C is for the demo, which ends these in its own order
            )

    async def _answers(
        self,
        url: str,
        process: asyncio.subprocess.Process,
        what: str,
        ready: Callable[[dict[str, object]], bool],
        trust: Callable[[], ssl.SSLContext | bool],
    ) -> None:
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        client: httpx2.AsyncClient | None = None
        try:
            while asyncio.get_running_loop().time() < deadline:
                if process.returncode is not None:
                    raise DemoError(f"{what} ended with code {process.returncode}: see {self.data}")
                try:
                    client = client or httpx2.AsyncClient(timeout=2, verify=trust())
                    answer = await client.get(url)
                    if answer.status_code == httpx2.codes.OK and ready(answer.json()):
                        return
                except (httpx2.HTTPError, CertificateError):
                    pass  # not listening yet, or its authority not made yet
                await asyncio.sleep(0.1)
        finally:
            if client is not None:
                await client.aclose()
        raise DemoError(f"{what} did not get ready in {START_SECONDS:.0f} s: see {self.data}")


def _answers(_health: dict[str, object]) -> bool:
    return True


def _is_ready(health: dict[str, object]) -> bool:
    points = health.get("points")
    if health.get("anpr") != "ok" or health.get("central") != "connected" or not isinstance(points, list):
        return False
    return all(point["phase"] != "recovery" and not point["faults"] for point in points)


def _free(*ports: int) -> bool:
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return False
    return True


async def _stop(process: asyncio.subprocess.Process | None) -> None:
    if process is None or process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
