"""mosquitto as a child process on loopback: a real broker for the demo and the tests.

Open to everybody, or guarded as a checkpoint's is: by the configuration and ACL that are shipped.
"""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from gate.errors import DeviceError

_START_SECONDS = 5.0
_STOP_SECONDS = 3.0
OPEN = (
    "listener {port} {host}\n"
    "allow_anonymous true\n"
    "persistence false\n"
    # Nagle's algorithm would hold back a command waiting for the last one's acknowledgement.
    "set_tcp_nodelay true\n"
)
"""The configuration of a broker that takes everybody."""
_NOT_EPHEMERAL = (20_000, 32_000)
"""Below where Linux begins (net.ipv4.ip_local_port_range)."""
_USUAL_PLACES = (Path("/usr/sbin/mosquitto"), Path("/usr/local/sbin/mosquitto"))


def find_broker() -> Path | None:
    """The mosquitto binary; Debian puts it in /usr/sbin, which is not on everybody's PATH."""
    found = shutil.which("mosquitto")
    if found is not None:
        return Path(found)
    return next((place for place in _USUAL_PLACES if place.is_file()), None)


def free_port() -> int:
    """A loopback TCP port nobody listens on now.

    Of those the system gives no outgoing connection: one of them could take it before it is listened on.
    """
    dice = random.SystemRandom()
    while True:
        port = dice.randrange(*_NOT_EPHEMERAL)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class Broker:
    """`async with Broker(folder) as broker:` - its `port` stays the same across stop and start."""

    def __init__(self, folder: Path, port: int = 0, *, config: str = OPEN) -> None:
        """`config` is mosquitto's, with {host} and {port} where it listens."""
        self._folder = folder
        self._config = config
        self.host = "127.0.0.1"
        self.port = port or free_port()
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    def guarded(cls, folder: Path, shipped: Path, acl: str, accounts: Mapping[str, str]) -> Self:
        """The broker that `shipped` (config/mosquitto/mosquitto.conf) describes, moved into `folder`.

        `accounts` are names and passwords. Certificates must lie in `folder` under the names that
        `shipped` gives them. DeviceError when mosquitto_passwd cannot be had.
        """
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "acl").write_text(acl, encoding="utf-8")
        passwords = folder / "passwords"
        passwords.write_text("".join(f"{name}:{word}\n" for name, word in accounts.items()), encoding="utf-8")
        try:
            subprocess.run(["mosquitto_passwd", "-U", passwords], check=True, timeout=30)  # noqa: S603, S607  our own words, found on PATH
        except (OSError, subprocess.SubprocessError) as error:
            raise DeviceError(f"passwords not hashed: {error}") from error
        config = shipped.read_text(encoding="utf-8").replace("/etc/mosquitto/gate/", f"{folder}/")
        config = re.sub(r"(?m)^listener .*$", "listener {port} {host}", config)
        # Started by root it would become a user who may not read this folder.
        return cls(folder, config=f"user root\n{config}")

    async def start(self) -> None:
        """Return once it accepts connections; DeviceError when it cannot be had."""
        binary = find_broker()
        if binary is None:
            raise DeviceError("no mosquitto here: install it with `apt install mosquitto`")
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "mosquitto.conf"
        log_file = self._folder / "mosquitto.log"
        config.write_text(
            self._config.replace("{port}", str(self.port)).replace("{host}", self.host), encoding="utf-8"
        )
        with log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(binary),
                "-c",
                str(config),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C is for whoever started us, who ends it in its own order
            )
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._accepts()
        except TimeoutError:
            await self.stop()
            raise DeviceError(f"mosquitto did not start on port {self.port}; see {log_file}") from None

    async def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _accepts(self) -> None:
        while True:
            if self._process is None or self._process.returncode is not None:
                raise DeviceError(f"mosquitto ended at once; see {self._folder / 'mosquitto.log'}")
            try:
                _, writer = await asyncio.open_connection(self.host, self.port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            await writer.wait_closed()
            return
