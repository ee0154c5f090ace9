"""The one door to a verdict (law 4): nothing else in this product opens, or can open, a sealed verdict."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gate.clock import Clock
from gate.errors import SealError
from gate.lanes.ports import Opened
from gate.model import Arrival, CorridorVerdict, Declaration, Finding, Outcome
from gate.sealing.unseal import unseal
from gate.store.journal import Journal, put_out
from gate.store.ledger import JournalLedger
from gate.store.refusals import check_floor, finding_of

log = structlog.get_logger()


class Door:
    """Implements lanes.ports.VerdictDoor over journal.db."""

    def __init__(
        self,
        site: str,
        site_private: X25519PrivateKey,
        central_public: Ed25519PublicKey,
        ledger: JournalLedger,
        clock: Clock,
    ) -> None:
        self._site = site
        self._private = site_private
        self._central = central_public
        self._ledger = ledger
        self._clock = clock

    async def open(self, arrival: Arrival, declarations: Sequence[Declaration]) -> Opened:
        """Check each seal, decrypt, and commit "opened" before anyone is told. All or none."""
        verdicts: list[CorridorVerdict] = []
        findings: list[Finding] = []
        for declaration in declarations:
            try:
                verdicts.append(self._unseal(arrival, declaration))
            except SealError as error:
                log.warning("door.refused", visit=arrival.visit_id, number=declaration.number, why=str(error))
                findings.append(finding_of(error))
        if findings:
            return Opened((), tuple(findings))
        bound = await self._ledger.write(
            lambda connection, journal: self._bind(connection, journal, arrival, declarations, verdicts)
        )
        if bound is not None:
            return Opened((), (bound,))
        return Opened(tuple(verdicts), ())

    def _unseal(self, arrival: Arrival, declaration: Declaration) -> CorridorVerdict:
        if arrival.site != self._site:
            raise SealError("foreign", f"the arrival is at {arrival.site}, this is {self._site}")
        return unseal(
            declaration,
            site=self._site,
            site_private_key=self._private,
            central_public_key=self._central,
            at=arrival.first_presence,
        )

    def _bind(
        self,
        connection: sqlite3.Connection,
        journal: Journal,
        arrival: Arrival,
        declarations: Sequence[Declaration],
        verdicts: Sequence[CorridorVerdict],
    ) -> Finding | None:
        """Write one opening per number, in this visit and version only; anything else keeps all shut."""
        at = self._clock.now().utc.isoformat()
        for declaration in declarations:
            try:
                check_floor(connection, declaration)
            except SealError as error:
                log.warning("door.refused", visit=arrival.visit_id, number=declaration.number, why=str(error))
                return finding_of(error)
            row = connection.execute(
                "SELECT visit_id, version FROM openings WHERE number = ?", (declaration.number,)
            ).fetchone()
            if row is not None and row[0] != arrival.visit_id:
                return _finding("opened-before", f"declaration {declaration.number} is bound to {row[0]}")
            if row is not None and row[1] != declaration.version:
                detail = f"declaration {declaration.number} was amended after version {row[1]} was opened"
                return _finding("amended-after-opening", detail)
        for declaration, verdict in zip(declarations, verdicts, strict=True):
            connection.execute(
                "INSERT INTO openings VALUES (?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING",
                (declaration.number, arrival.visit_id, declaration.version, verdict.corridor.value, at),
            )
        connection.execute("UPDATE visits SET opened = 1 WHERE visit_id = ?", (arrival.visit_id,))
        facts = {
            "visit": arrival.visit_id,
            "by": sorted(by.value for by in arrival.identification.by),
            "mark": arrival.identification.mark,
            "officer": arrival.identification.officer,
            "first_presence": arrival.first_presence.isoformat(),
            "opened": [
                {"number": v.number, "version": d.version, "corridor": v.corridor.value}
                for d, v in zip(declarations, verdicts, strict=True)
            ],
        }
        body = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        journal.append(connection, at, arrival.point, "Opened", arrival.visit_id, body)
        numbers = [declaration.number for declaration in declarations]
        told = {"visit": arrival.visit_id, "at": at, "numbers": numbers, "point": arrival.point}
        put_out(connection, at, "verdict.opened", told)
        return None


def _finding(code: str, detail: str) -> Finding:
    return Finding(code, "3.6", Outcome.HOLD, detail)
