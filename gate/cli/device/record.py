"""commissioning.jsonl: who moved or tested which device without the daemon, one JSON object a line."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from gate.errors import StoreError

FILE = "commissioning.jsonl"


class CommissioningRecord:
    """Appended and on the disk before it returns: what no journal sees leaves a trace first (law 2)."""

    def __init__(self, data: Path, **always: object) -> None:
        """`always` stands in every line: the engineer, the site, the point."""
        self.path = data / FILE
        self._always = always

    def write(self, event: str, **what: object) -> None:
        """One line more; StoreError when it cannot be kept, and then nothing may move."""
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            **self._always,
            "event": event,
            **what,
        }
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, json.dumps(line, ensure_ascii=False).encode() + b"\n")
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written ({error.strerror}): nothing is moved without a record"
            ) from error
