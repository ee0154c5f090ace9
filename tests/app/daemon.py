"""`gate run` as a real process on free ports, with fresh keys, alone unless a test adds to its world."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from ruamel.yaml import YAML

from gate.clock import SystemClock
from gate.sealing.keys import (
    load_central_private,
    load_site_public,
    make_central_keys,
    make_signing_keys,
    make_site_keys,
)
from gate.store.officers import Officers, Role
from hardware.emulators.broker import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 40.0
ACCOUNT = ("tester", "a throw-away pass phrase")
_SAMPLE = re.compile(r"^(\w+(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)


class Daemon:
    """One site's folder and, while it runs, its `gate run` process."""

    def __init__(self, folder: Path, *, central: str | None = None) -> None:
        """Write the demo site's configuration with free ports; nothing listens behind the others."""
        self.data = folder / "edge"
        self.config = folder / "site.yaml"
        site = YAML().load((ROOT / "config/demo.yaml").read_text(encoding="utf-8"))
        site["data"] = str(self.data)
        site["console"]["port"], site["kiosk"]["port"] = free_port(), free_port()
        site["central"]["url"] = central or f"http://127.0.0.1:{free_port()}"
        site["mqtt"]["port"] = free_port()
        for point in site["points"]:
            if "camera" in point:
                point["camera"]["url"] = f"http://127.0.0.1:{site['mqtt']['port']}/{point['name']}.mjpeg"
        self.site: dict[str, Any] = site
        self.write_config()
        keys = self.data / "keys"
        make_site_keys(keys / "site.key", keys / "site.pub")
        make_signing_keys(keys / "signing.key", keys / "signing.pub")
        make_central_keys(folder / "central.key", keys / "central.pub")
        self.central_key: Ed25519PrivateKey = load_central_private(folder / "central.key")
        (keys / "token").write_text("a-token\n", encoding="ascii")
        self.console = f"https://127.0.0.1:{site['console']['port']}"
        self.kiosk = f"https://127.0.0.1:{site['kiosk']['port']}"
        self.process: asyncio.subprocess.Process | None = None
        self._limit: int | None = None

    def write_config(self) -> None:
        """Write `site` where the daemon will read it."""
        with self.config.open("w", encoding="utf-8") as file:
            YAML().dump(self.site, file)

    @property
    def site_public(self) -> X25519PublicKey:
        """What central seals to."""
        return load_site_public(self.data / "keys/site.pub")

    @property
    def pid(self) -> int:
        """The running process."""
        assert self.process is not None
        return self.process.pid

    @property
    def output(self) -> str:
        """What it has said on its terminal."""
        return (self.data.parent / "output.log").read_text(encoding="utf-8")

    def add_officer(self) -> None:
        """Give the console an account."""
        officers = Officers(self.data / "officers.db", SystemClock())
        try:
            officers.add(*ACCOUNT, Role.OFFICER)
        finally:
            officers.close()

    async def start(self, *, limit_bytes: int | None = None, **variables: str) -> None:
        """Begin; `variables` are added to its environment. No file it writes grows past `limit_bytes`."""
        self._limit = limit_bytes
        await self._start(*("-m", "gate", "run", "-c", str(self.config)), **variables)

    async def start_adrift(self, ahead: timedelta, *, boot: str = "this-boot") -> None:
        """Begin on a machine whose clock is so far ahead of the true time, and nothing keeps it right."""
        seconds = str(ahead.total_seconds())
        await self._start("-m", "tests.app.wrong_clock", str(self.config), seconds, boot)

    async def _start(self, *arguments: str, **variables: str) -> None:
        told = {name: value for name, value in os.environ.items() if not name.startswith(("NOTIFY", "GATE"))}
        with (self.data.parent / "output.log").open("ab") as output:
            # As a full disk refuses; what it says on its terminal by then is less.
            limited = ("prlimit", f"--fsize={self._limit}") if self._limit is not None else ()
            self.process = await asyncio.create_subprocess_exec(
                *(*limited, sys.executable, *arguments),
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=told | {"NO_COLOR": "1"} | variables,
            )

    async def stop(self) -> tuple[int, float]:
        """SIGTERM: its exit code, and how many seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
        self.process = None
        return code, time.monotonic() - began

    async def end(self) -> None:
        """End it whatever became of the test."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def get(self, path: str, trust: ssl.SSLContext | None = None) -> httpx2.Response:
        """Ask the console without logging in."""
        trust = trust or self.trust
        async with httpx2.AsyncClient(trust_env=False, timeout=5, verify=trust) as client:
            return await client.get(self.console + path)

    @property
    def trust(self) -> ssl.SSLContext:
        """What its faces are verified with: the authority it makes at its first start, and no other."""
        return ssl.create_default_context(cadata=self.authority.read_text(encoding="ascii"))

    @property
    def authority(self) -> Path:
        """Where that is."""
        return self.data / "tls/authority.pem"

    def client(self, base: str = "", *, showing: Path | None = None) -> httpx2.AsyncClient:
        """A client of its faces, once it has started; `showing` a certificate, its key in the same file."""
        trust = self.trust
        if showing is not None:
            trust.load_cert_chain(showing)
        return httpx2.AsyncClient(base_url=base, trust_env=False, timeout=5, verify=trust)

    async def until_healthy(
        self, wanted: Callable[[dict[str, Any]], bool], what: str, trust: ssl.SSLContext | None = None
    ) -> dict[str, Any]:
        """Wait until /healthz says what is wanted; its answer, with its status under "http"."""
        deadline = time.monotonic() + PATIENCE
        last: object = "no answer"
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.returncode is None, f"ended with {self.process.returncode}: {self.output}"
            try:
                answer = await self.get("/healthz", trust)
            except (httpx2.TransportError, FileNotFoundError):
                await asyncio.sleep(0.05)  # not listening yet, its authority not made yet
                continue
            health = {"http": answer.status_code, **answer.json()}
            if wanted(health):
                return health
            last = health
            await asyncio.sleep(0.05)
        raise AssertionError(f"waited {PATIENCE:.0f} s for {what}: {last}")

    async def until_answering(self, trust: ssl.SSLContext | None = None) -> dict[str, Any]:
        """Wait until the console answers at all."""
        return await self.until_healthy(lambda _: True, "the console", trust)

    def log(self, event: str = "") -> list[dict[str, Any]]:
        """Its log lines, of one event or all."""
        path = self.data / "log.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        read = [json.loads(line) for line in lines]
        return [line for line in read if not event or line["event"] == event]

    async def metrics(self) -> dict[str, float]:
        """Its figures."""
        return figures((await self.get("/metrics")).text)


def figures(text: str) -> dict[str, float]:
    """Prometheus text as a table of sample to value."""
    return {name: float(value) for name, value in _SAMPLE.findall(text)}


def maps_of(pid: int) -> str:
    """The files a process has mapped; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def faults(health: dict[str, Any], point: str) -> dict[str, str]:
    """A point's faults in /healthz, device to reason."""
    (found,) = (each["faults"] for each in health["points"] if each["name"] == point)
    return dict(fault.split(": ", 1) for fault in found)


@asynccontextmanager
async def ended(daemon: Daemon) -> AsyncIterator[Daemon]:
    """The daemon, for certain over at the end of the block."""
    try:
        yield daemon
    finally:
        await daemon.end()
