"""The kiosk's camera as a scanner: its process watched, what it reads taken as a scanner's lines are."""

from __future__ import annotations

import asyncio
import json
import sys

from gate.clock import Clock
from gate.errors import DeviceError
from gate.kiosk.ports import SCAN_MAX, OnScan
from gate.kiosk.refusing import Refusals
from gate.lanes.events import DeviceRole
from gate.lanes.ports import Post
from gate.settings import CameraScanner
from hardware.kiosk.scan_lines import Scan, read_scan
from hardware.kiosk.telling import Trouble
from hardware.links.backoff import Backoff

_SILENT_SECONDS = 30.0
"""A process that says nothing for so long hangs over a picture. It may start slowly on a busy machine."""
_END_SECONDS = 3.0


class CodeCamera:
    """Runs the process that owns the camera, again after each end, with back-off."""

    def __init__(
        self, settings: CameraScanner, point: str, clock: Clock, *, silent_seconds: float = _SILENT_SECONDS
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._silent_seconds = silent_seconds
        self._refusals = Refusals(point, DeviceRole.SCANNER)
        self._trouble = Trouble(DeviceRole.SCANNER, point, clock)

    async def run(self, post: Post, scanned: OnScan) -> None:
        """Look until cancelled."""
        self._trouble.attend(post)
        backoff = Backoff()
        while True:
            try:
                await self._watch(scanned, backoff)
            except DeviceError as error:
                self._trouble.tell(str(error), "process")
            await self._clock.sleep(backoff.next())

    async def _watch(self, scanned: OnScan, backoff: Backoff) -> None:
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "hardware.kiosk.camera_worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        if worker.stdin is None or worker.stdout is None:
            raise AssertionError("both were asked for")
        try:
            worker.stdin.write(self._settings.camera.model_dump_json().encode() + b"\n")
            await worker.stdin.drain()
            while True:
                async with asyncio.timeout(self._silent_seconds):
                    line = await worker.stdout.readline()
                if not line:
                    raise DeviceError(
                        "the process that reads the kiosk camera's codes has ended: it is begun anew"
                    )
                self._take(line, scanned)
                backoff.reset()
        except TimeoutError:
            raise DeviceError("the kiosk camera's process hung over a picture: it is begun anew") from None
        except (ConnectionError, ValueError) as error:
            raise DeviceError(f"the kiosk camera's process cannot be understood: {error}") from error
        finally:
            await _end(worker)

    def _take(self, line: bytes, scanned: OnScan) -> None:
        told = json.loads(line)
        fault, codes = str(told["fault"]), [bytes.fromhex(code) for code in told["codes"]]
        if fault:
            self._trouble.tell(f"the kiosk camera sees nothing: {fault}")
        else:
            self._trouble.over()
        for code in codes:
            # A camera has no terminator: what ends a line for a scanner is part of the code here.
            scan = read_scan(code.strip(b"\r\n"))
            if len(code) > SCAN_MAX:
                self._refusals.refuse("too-long", self._clock.now().mono)
            elif isinstance(scan, Scan):
                scanned(scan.text)
            else:
                self._refusals.refuse(scan.reason, self._clock.now().mono)


async def _end(worker: asyncio.subprocess.Process) -> None:
    """Ask it to end by closing its stdin; one that does not is killed."""
    if worker.stdin is not None:
        worker.stdin.close()
    try:
        async with asyncio.timeout(_END_SECONDS):
            await worker.wait()
    except TimeoutError:
        worker.kill()
        await worker.wait()
