"""Other people's consoles in a process of their own: so many screens that follow until stdin ends.

`python -m tests.bench.crowd ADDRESS AUTHORITY COUNT` says {"ready": ...} and, at the end, how often each
was fresh.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.app.daemon import Daemon
from tests.glass.consoles import consoles

PATIENCE = 60.0


@asynccontextmanager
async def crowd(daemon: Daemon, count: int) -> AsyncIterator[None]:
    """The screens, all open and following; an error of one of them is an error here."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.crowd", daemon.console, str(daemon.authority), str(count)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            assert json.loads(await process.stdout.readline())["ready"] == count
        yield
        async with asyncio.timeout(PATIENCE):
            out, _ = await process.communicate(b"")  # closes its stdin
        assert process.returncode == 0
        assert min(json.loads(out)["fresh"]) > 1, "each of them has followed"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _main(address: str, authority: str, count: int) -> None:
    over = asyncio.Event()
    async with consoles(address, ssl.create_default_context(cafile=authority), count) as opened:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), over.set)  # its end, nothing else comes
        sys.stdout.write(json.dumps({"ready": len(opened)}) + "\n")
        sys.stdout.flush()
        await over.wait()
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        sys.stdout.write(json.dumps({"fresh": [console.fresh for console in opened]}))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
