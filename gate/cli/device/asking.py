"""Questions to the engineer while the drivers go on polling."""

from __future__ import annotations

import asyncio
import sys

import typer


class Engineer:
    """Reads answers from standard input on the loop. Its end counts as no, whatever is asked."""

    def __init__(self, *, yes: bool) -> None:
        self._yes = yes
        self._rest = b""
        self._ended = False

    def tell(self, words: str) -> None:
        """Say something on stderr: standard output is the report's."""
        typer.echo(words, err=True)

    async def agrees(self, question: str) -> bool:
        """Whether the answer is y or yes; anything else is no."""
        typer.echo(f"{question} [y/N] ", nl=False, err=True)
        if self._yes:
            self.tell("y (--yes)")
            return True
        answer = (await self._line()).decode(errors="replace").strip().lower()
        if not sys.stdin.isatty():
            self.tell(answer or "(no answer)")
        return answer in ("y", "yes")

    async def _line(self) -> bytes:
        while b"\n" not in self._rest and not self._ended:
            data = await self._read()
            self._ended = not data
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    async def _read(self) -> bytes:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        stdin = sys.stdin.buffer.raw if hasattr(sys.stdin.buffer, "raw") else sys.stdin.buffer
        try:
            loop.add_reader(stdin.fileno(), _settle, ready)
        except PermissionError:  # a plain file: it never waits
            return stdin.read(4096) or b""
        try:
            await ready
        finally:
            loop.remove_reader(stdin.fileno())
        return stdin.read(4096) or b""


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
