"""Calls the real command in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "config/demo.yaml"


@dataclass(frozen=True)
class Done:
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


async def gate(*words: str | Path, cwd: Path = ROOT, typed: str = "", **variables: str) -> Done:
    """`gate WORDS...` from `cwd`; colours and a site named in the environment are left out."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GATE_CONFIG", "FORCE_COLOR")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gate", *map(str, words)),
        cwd=cwd,
        env={**kept, "COLUMNS": "200", **variables},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            out, err = await process.communicate(typed.encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())
