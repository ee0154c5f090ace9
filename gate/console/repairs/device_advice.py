"""What a person does about a device that is not well, by its part and by what its driver said."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gate.lanes.events import DeviceRole


@dataclass(frozen=True, slots=True)
class Advice:
    """For words in a driver's reason: what to do."""

    says: str
    """A pattern; the words are a driver's own, a test sees to that."""
    do: str


_CABLE = "Look at its power and its cable"

ADVICE: tuple[Advice, ...] = (
    Advice("expired on", "Renew the certificate that is named and put it where the configuration says."),
    Advice(
        "credentials_file|secret|password",
        "Put the right secret into the file that is named, one line, mode 0600, the gate's user its owner.",
    ),
    Advice("broker", "Start the devices' broker (`systemctl status mosquitto`), or mend the line to it."),
    Advice("local mode", "Somebody works at the sign's cabinet: switch it back to central mode there."),
    Advice("is in use", "Another program or point has it: `fuser` on the device names it; end that."),
    Advice("may not be opened", "Add the gate's user to the group that owns the device and restart it."),
    Advice(
        "cannot open|not there|no device", f"{_CABLE}; the path must be the configured one (`gate doctor`)."
    ),
    Advice("cannot connect|cannot find the host", "Look at its power, the switch and its address: ping it."),
    Advice("restarted", "It lost power or was reset. If it comes again: its power supply, then its log."),
    Advice("went offline|hung up|the other end", f"{_CABLE}; restart the device if its lamps are on."),
    Advice(
        "no heartbeat|not heard from|too late to be believed", f"{_CABLE}, then the radio or switch between."
    ),
    Advice("does not fall silent", "Something else talks on this serial line: unplug devices one by one."),
    Advice(
        "shows something else", "The sign does not show what it was told: restart it; cover it till then."
    ),
    Advice("refuses the text|finds the message invalid", "Compare the sign's model with its configuration."),
    Advice("out of paper|nearly out", "Put a new roll into the slip printer."),
    Advice("cover is open", "Close the slip printer's cover."),
    Advice("off line", "Press the printer's feed button; if its lamp stays red, switch it off and on."),
    Advice("scanner is gone", "Plug the scanner in again."),
    Advice("no frame", f"{_CABLE}; open the camera's own page, and restart the camera there."),
    Advice(
        "too-large|too-small|too-many-pixels|not-a-picture|corrupt|truncated",
        "Its pictures cannot be used: set format and size on the camera's own page (docs/wiring/cameras.md).",
    ),
    Advice(
        "error of the gate's own",
        "It is begun anew by itself. If it stays: `journalctl -u gate` to the maker.",
    ),
)

GENERAL: dict[DeviceRole, str] = {
    DeviceRole.IO: f"{_CABLE}, then its link: `gate device watch` shows what it says.",
    DeviceRole.BOARD: f"{_CABLE}, then its line.",
    DeviceRole.CAMERA: f"{_CABLE}, then its picture on its own page.",
    DeviceRole.SCANNER: f"{_CABLE}.",
    DeviceRole.KEYPAD: f"{_CABLE}.",
    DeviceRole.PRINTER: f"{_CABLE}, then its paper.",
}
"""Where a driver's words are none of those above."""

MEANWHILE: dict[DeviceRole, str] = {
    DeviceRole.IO: "The point holds meanwhile.",
    DeviceRole.BOARD: "Direct vehicles by hand here meanwhile: nobody knows what the sign shows.",
    DeviceRole.CAMERA: "Officers confirm plates by sight meanwhile.",
    DeviceRole.SCANNER: "Drivers type their numbers meanwhile.",
    DeviceRole.KEYPAD: "Officers serve the drivers meanwhile.",
    DeviceRole.PRINTER: "Drivers photograph the screen meanwhile.",
}

WHO: dict[DeviceRole, str] = {
    DeviceRole.IO: "technician",
    DeviceRole.BOARD: "technician",
    DeviceRole.CAMERA: "technician",
    DeviceRole.SCANNER: "officer, then technician",
    DeviceRole.KEYPAD: "officer, then technician",
    DeviceRole.PRINTER: "officer, then technician",
}


def advice(role: DeviceRole, reason: str) -> str:
    """What to do about it, by the driver's words or else by the device's part; and how work goes on."""
    known = next((one.do for one in ADVICE if re.search(one.says, reason)), None)
    return f"{known or GENERAL[role]} {MEANWHILE[role]}"
