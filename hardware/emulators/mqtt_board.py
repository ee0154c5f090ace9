"""A board as an MQTT device."""

from __future__ import annotations

from hardware.emulators.faults import Faults
from hardware.emulators.mqtt_base import EmulatedMqttDevice
from hardware.links.contract import HEARTBEAT_SECONDS, Address, BoardState, Command

_DARK = ("", "")


class MqttBoard(EmulatedMqttDevice, Faults):
    """Shows two lines in one colour; forgets them at a reboot, as boards without memory do."""

    def __init__(
        self, host: str, port: int, site: str, lane: str, *, heartbeat: float = HEARTBEAT_SECONDS
    ) -> None:
        Faults.__init__(self)
        EmulatedMqttDevice.__init__(self, host, port, Address(site, lane, "board"), self, heartbeat=heartbeat)
        self.lines: tuple[str, str] = _DARK
        self.colour = "amber"
        self.texts: list[tuple[str, str]] = []
        """Every text it was told to show, oldest first."""
        self.stuck = False
        """It acknowledges texts and goes on showing what it shows."""

    @property
    def text(self) -> str:
        """What stands on it; empty when dark."""
        return "\n".join(self.lines) if any(self.lines) else ""

    def write_over(self, lines: tuple[str, str]) -> None:
        """Somebody else writes to it, past the broker."""
        self.lines, self.colour = lines, "red"
        self.changed()

    def talk_nonsense(self) -> None:
        """Say something that is no state."""
        self._send("state", b"\xff{")

    def reboot(self) -> None:
        """A power cut: the text is gone."""
        self.lines, self.colour = _DARK, "amber"
        super().reboot()

    def state(self, boot_id: str, seq: int, lane_seq: int) -> BoardState:
        """What it shows now."""
        return BoardState(boot_id=boot_id, seq=seq, lane_seq=lane_seq, lines=self.lines, colour=self.colour)

    def perform(self, command: Command) -> str | None:
        """Show the text; the state that says so goes out before "done"."""
        if command.do != "show" or command.lines is None:
            return f"cannot {command.do}"
        if not self.stuck:
            self.lines = command.lines
            self.colour = command.colour or "amber"
            self.texts.append(command.lines)
        self.publish_state()
        self.acknowledge(command, "done")
        self.changed()
        return None
