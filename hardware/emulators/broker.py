"""mosquitto as a child process on loopback: a real broker for the demo and the tests."""

from __future__ import annotations

import asyncio
import shutil
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from gate.errors import DeviceError

_START_SECONDS = 5.0
_STOP_SECONDS = 3.0
_USUAL_PLACES = (Path("/usr/sbin/mosquitto"), Path("/usr/local/sbin/mosquitto"))


def find_broker() -> Path | None:
    """The mosquitto binary; Debian puts it in /usr/sbin, which is not on everybody's PATH."""
    found = shutil.which("mosquitto")
    if found is not None:
        return Path(found)
    return next((place for place in _USUAL_PLACES if place.is_file()), None)


def free_port() -> int:
    """A loopback TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Broker:
    """`async with Broker(folder) as broker:` - its `port` stays the same across stop and start."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self.host = "127.0.0.1"
        self.port = port or free_port()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return once it accepts connections; DeviceError when it cannot be had."""
        binary = find_broker()
        if binary is None:
            raise DeviceError("no mosquitto here: install it with `apt install mosquitto`")
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "mosquitto.conf"
        log_file = self._folder / "mosquitto.log"
        config.write_text(
            f"listener {self.port} {self.host}\n"
            "allow_anonymous true\n"
            "persistence false\n"
            # Nagle's algorithm would hold back a command waiting for the last one's acknowledgement.
            "set_tcp_nodelay true\n",
            encoding="utf-8",
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
