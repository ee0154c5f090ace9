"""Barrier and detectors as an MQTT device, wired to an emulated lane."""

from __future__ import annotations

from dataclasses import dataclass

from gate.lanes.events import BarrierPosition, Contact, ContactState, Detector, Occupancy
from hardware.emulators.lane import EmulatedLane, PulseKind
from hardware.emulators.mqtt_base import EmulatedMqttDevice
from hardware.links.contract import HEARTBEAT_SECONDS, Address, Command, IoState

_PULSES: dict[str, PulseKind] = {"raise": "raise", "lower": "lower", "stop": "stop"}
_ENDS = {"raise": BarrierPosition.UP, "lower": BarrierPosition.DOWN}


@dataclass(slots=True)
class _Travel:
    command: Command
    end: BarrierPosition


class MqttIoDevice(EmulatedMqttDevice):
    """Says "done" when the limit switch closes, "failed" when another pulse comes first."""

    def __init__(
        self,
        host: str,
        port: int,
        site: str,
        lane: EmulatedLane,
        *,
        heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:
        super().__init__(host, port, Address(site, lane.name, "io"), lane, heartbeat=heartbeat)
        self.lane = lane
        self._travel: _Travel | None = None
        lane.on_change(self._lane_changed)

    async def stop(self) -> None:
        """Leave, and let the barrier stand where it is."""
        await super().stop()
        self.lane.close()

    def state(self, boot_id: str, seq: int, lane_seq: int) -> IoState:
        """The lane's inputs now."""
        lane = self.lane
        return IoState(
            boot_id=boot_id,
            seq=seq,
            lane_seq=lane_seq,
            arming=_occupancy(lane.occupied(Detector.ARMING)),
            safety=_occupancy(lane.occupied(Detector.SAFETY)),
            photo_eye=_occupancy(lane.occupied(Detector.PHOTO_EYE)),
            exit=_occupancy(lane.occupied(Detector.EXIT)),
            barrier=lane.barrier,
            signal=lane.signal,
            contacts={contact: _contact(lane.active(contact)) for contact in Contact},
        )

    def perform(self, command: Command) -> str | None:
        """Pulse the barrier or set the signal."""
        if command.do in _PULSES:
            interrupted, self._travel = self._travel, None
            if interrupted is not None:
                self.acknowledge(interrupted.command, "failed", f"interrupted by {command.do}")
            if command.do in _ENDS:
                self._travel = _Travel(command, _ENDS[command.do])
            self.lane.pulse(_PULSES[command.do], command.decision_id)
            if command.do == "stop":
                self.acknowledge(command, "done")
            return None
        if command.do == "signal" and command.aspect is not None:
            self.lane.set_signal(command.aspect)
            self.publish_state()
            self.acknowledge(command, "done")
            return None
        return f"cannot {command.do}"

    def _lane_changed(self) -> None:
        travel = self._travel
        if travel is not None and self.lane.barrier is travel.end:
            self._travel = None
            self.publish_state()
            self.acknowledge(travel.command, "done")


def _occupancy(occupied: bool) -> Occupancy:
    return Occupancy.OCCUPIED if occupied else Occupancy.CLEAR


def _contact(active: bool) -> ContactState:
    return ContactState.ACTIVE if active else ContactState.NORMAL
