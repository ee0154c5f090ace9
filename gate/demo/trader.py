"""Traders: importers with risk groups, and short import declarations filed over HTTP (Rules 3.1-3.3)."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2

from gate.errors import SyncError
from gate.model import Corridor

IMPORTERS = {"LOW": 40, "MEDIUM": 12, "HIGH": 4}
GROUP_OF = {
    Corridor.GREEN: "LOW",
    Corridor.BLUE: "LOW",
    Corridor.YELLOW: "MEDIUM",
    Corridor.RED: "HIGH",
}
MOST_TRIES = 400
"""Filings until central draws the corridor a script wants. The draws are central's alone (6.6)."""


class Traders:
    """Files declarations with central. `db` is read to learn the truth, for the tally only."""

    def __init__(self, url: str, data: Path, site: str, rng: random.Random) -> None:
        self._data = data
        self._site = site
        self._rng = rng
        self._client = httpx2.AsyncClient(base_url=url, timeout=10)
        self._fruitful: dict[Corridor, str] = {}

    async def aclose(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def register_importers(self) -> None:
        """Have the Committee decide who is in which group (6.9)."""
        for group, count in IMPORTERS.items():
            for number in range(count):
                body = {"risk_group": group, "reason": "demonstration: allocated at the start"}
                await self._ask("PUT", f"/v1/importers/{_importer(group, number)}", "admin", body)

    async def file(
        self,
        corridor: Corridor,
        marks: tuple[str, ...],
        *,
        mode: str = "road",
        minutes_ago: int = 120,
    ) -> str:
        """File until central assigns `corridor`; the others stay filed, as a day's other traffic.

        Returns the notification number. Those others bear marks of their own.
        """
        group = GROUP_OF[corridor]
        for attempt in range(MOST_TRIES):
            importer = self._fruitful.get(corridor) if attempt % 2 else None
            importer = importer or _importer(group, self._rng.randrange(IMPORTERS[group]))
            number = await self.file_once(importer, (), mode=mode, minutes_ago=minutes_ago)
            if self.corridor_of(number) is not corridor:
                continue
            self._fruitful[corridor] = importer
            if marks:
                await self._amend(number, importer, marks, mode, minutes_ago)
            return number
        raise SyncError(f"central drew no {corridor} in {MOST_TRIES} declarations")

    async def file_once(
        self,
        importer: str,
        marks: tuple[str, ...],
        *,
        mode: str = "road",
        category: str = "goods",
        minutes_ago: int = 120,
    ) -> str:
        """File one declaration, received `minutes_ago`; returns its notification number."""
        form = self._form(importer, marks, mode, category, minutes_ago)
        answer = await self._ask("POST", "/v1/declarations", "trader", form)
        return str(answer["notification_number"])

    async def _amend(
        self, number: str, importer: str, marks: tuple[str, ...], mode: str, minutes_ago: int
    ) -> None:
        form = self._form(importer, marks, mode, "goods", minutes_ago)
        await self._ask("PUT", f"/v1/declarations/{number}", "trader", form)

    def _form(
        self, importer: str, marks: tuple[str, ...], mode: str, category: str, minutes_ago: int
    ) -> dict[str, object]:
        received = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        goods = [{"code": "8703", "description": "spare parts", "gross_kg": 840.0, "origin": "TR"}]
        return {
            "importer": importer,
            "mode": mode,
            "category": category,
            "site": self._site,
            "marks": list(marks) or ([] if mode == "baggage" else [self._other_mark()]),
            "goods": goods,
            "received_at": received.isoformat(),
        }

    def _other_mark(self) -> str:
        return f"{self._rng.randrange(100):02d}ZZ{self._rng.randrange(1000):03d}"

    async def _ask(self, method: str, path: str, token: str, body: object) -> dict[str, object]:
        secret = (self._data / "tokens" / token).read_text(encoding="ascii").strip()
        answer = await self._client.request(
            method, path, json=body, headers={"Authorization": f"Bearer {secret}"}
        )
        if answer.status_code not in (200, 201):
            raise SyncError(f"central refused {method} {path}: {answer.status_code} {answer.text[:300]}")
        result: dict[str, object] = answer.json()
        return result

    def corridor_of(self, number: str) -> Corridor | None:
        """What central decided, read from its own books: nobody at the checkpoint can."""
        connection = sqlite3.connect(f"file:{self._data / 'central.db'}?mode=ro", uri=True)
        try:
            row = connection.execute(
                "SELECT corridor FROM selections WHERE number = ? ORDER BY version DESC LIMIT 1", (number,)
            ).fetchone()
        finally:
            connection.close()
        return Corridor(row[0]) if row else None


def _importer(group: str, number: int) -> str:
    return f"{group}-{number:03d}"
