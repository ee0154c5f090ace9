"""The laws as somebody standing at the barrier sees them: pulses as they arrive, and journal.db on disk.

Nothing here asks the gate. What it is told comes from the emulated lane, and from a connection of its
own to the journal.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from gate.lanes.events import Aspect, Detector
from gate.lanes.fitted import Fitted
from gate.store.journal_check import verify
from hardware.emulators.lane import EmulatedLane, Pulse
from tests.store.kept import rows

WIRE_SECONDS = 0.35
"""How long a pulse may be on its way in a driver and on its line: a decision withdrawn meanwhile still
arrives. So long, too, a change under the boom may be on its way to the gate."""
HEARSAY_SECONDS = 1.0
"""More, for a link that was ill a moment ago: what was believed is believed for BELIEVED_SECONDS."""
SIGNAL_SECONDS = 2.0
"""How long a green signal may outlive the upper end of the boom, over a link that works."""


@dataclass
class Outside:
    """`watch()` it once; `broken` tells every law that did not hold, in words."""

    lane: EmulatedLane
    journal: Path
    fitted: Fitted
    broken: list[str] = field(default_factory=list)
    raises: int = 0
    lowers: int = 0
    _seen: int = 0
    _pulsed: set[str] = field(default_factory=set)
    _spent: dict[str, float] = field(default_factory=dict)
    """Decisions of an earlier boot, and when that boot ended."""
    _ill: float = -1e9
    """When the link, or the gate itself, was last not well."""
    _under_since: float | None = None
    _not_up_since: float | None = None

    def watch(self) -> None:
        """Look at every change of the lane from now on."""
        self.lane.on_change(self._look)

    def gate_ended(self) -> None:
        """The process is gone: what it had decided is not for the next one to carry out."""
        now = self._ill = time.monotonic()
        for (decision,) in rows(self.journal, "SELECT decision_id FROM pulses"):
            self._spent.setdefault(str(decision), now)

    def link_ill(self) -> None:
        """The link is, or was until now, cut or silent."""
        self._ill = time.monotonic()

    def hold(self) -> None:
        """Fail with every law that was broken so far."""
        self._look()
        assert not self.broken, "\n".join(self.broken)

    def end(self) -> None:
        """After the run: every pulse has its decision, and the journal's chain holds."""
        self.hold()
        decided = rows(self.journal, "SELECT count(*) FROM pulses WHERE kind <> 'lower'")
        assert self.raises <= int(str(decided[0][0]))
        closings = rows(self.journal, "SELECT count(*) FROM pulses WHERE kind = 'lower'")
        assert self.lowers <= int(str(closings[0][0]))
        assert verify(self.journal).problem is None

    # --- what is looked at ----------------------------------------------------------------------

    def _look(self) -> None:
        now = time.monotonic()
        under = any(
            self.lane.occupied(detector)
            for detector in (Detector.SAFETY, Detector.PHOTO_EYE)
            if detector in self.fitted.detectors
        )
        self._under_since = (self._under_since or now) if under else None
        self._not_up_since = None if self.lane.limit_up else (self._not_up_since or now)
        if self.lane.muted or not self.lane.plugged:
            self._ill = now
        while self._seen < len(self.lane.pulses):
            pulse = self.lane.pulses[self._seen]
            self._seen += 1
            self._arrived(pulse)
        if self.lane.signal is Aspect.GREEN and self._not_up_since is not None:
            green = now - max(self._not_up_since, self._ill)
            if green > SIGNAL_SECONDS:
                self.broken.append(f"signal: green for {green:.2f} s while the boom is not up")

    def _arrived(self, pulse: Pulse) -> None:
        if pulse.kind == "raise":
            self.raises += 1
            self._raised(pulse)
        elif pulse.kind == "lower":
            self.lowers += 1
            self._lowered(pulse)

    def _allowed(self, at: float) -> float:
        return WIRE_SECONDS + (HEARSAY_SECONDS if at - self._ill < 2 * HEARSAY_SECONDS else 0.0)

    def _raised(self, pulse: Pulse) -> None:
        """Its decision is committed, stands, is of this boot, and was not pulsed before."""
        decided = [
            str(row[0])
            for row in rows(
                self.journal, "SELECT decision_id FROM pulses WHERE kind <> 'lower' ORDER BY rowid DESC"
            )
        ]
        if pulse.decision_id is not None:
            decided = [pulse.decision_id] if pulse.decision_id in decided else []
        # A relay board carries no ids: the pulse is that of the newest decision it can be of.
        against = ["no decision in the journal at all"]
        for decision in decided:
            why = self._why_not(decision, pulse)
            if not why:
                self._pulsed.add(decision)
                return
            against.append(why)
        self.broken.append(f"raise: a pulse arrived without a decision that stands: {'; '.join(against)}")

    def _why_not(self, decision: str, pulse: Pulse) -> str:
        if decision in self._pulsed:
            return f"{decision} was pulsed before"
        allowed = self._allowed(pulse.at_mono)
        spent = self._spent.get(decision)
        if spent is not None and pulse.at_mono - spent > WIRE_SECONDS:
            return f"{decision} is of an earlier boot"
        withdrawn = self._withdrawn(decision)
        if withdrawn is not None and pulse.at_mono - withdrawn > allowed:
            return f"{decision} was withdrawn {pulse.at_mono - withdrawn:.2f} s before"
        return ""

    def _withdrawn(self, decision: str) -> float | None:
        """Monotonic second at which the decision's release was revoked, or its emergency ended."""
        over = rows(
            self.journal,
            f"SELECT 1 FROM releases WHERE release_id = '{decision}' AND revoked IS NOT NULL"  # noqa: S608 - our ids
            f" UNION SELECT 1 FROM emergencies WHERE emergency_id = '{decision}' AND ended_at IS NOT NULL",
        )
        if not over:
            return None
        said = rows(
            self.journal,
            'SELECT mono FROM journal_full WHERE (body LIKE \'%"type":"RevokeRelease"%\''  # noqa: S608 - our ids
            f' OR body LIKE \'%"type":"EndEmergency"%\') AND body LIKE \'%{decision}"%\''
            " ORDER BY seq DESC LIMIT 1",
        )
        return float(str(said[0][0]))

    def _lowered(self, pulse: Pulse) -> None:
        """Nothing has been under the boom for longer than the gate needs to hear of it."""
        if self._under_since is None:
            return
        occupied = pulse.at_mono - self._under_since
        if occupied > self._allowed(pulse.at_mono):
            self.broken.append(f"lower: a pulse arrived with the area occupied for {occupied:.2f} s")
