"""What needs a person at the points: devices, inputs, barriers, cameras."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gate.console.repairs.device_advice import WHO, advice
from gate.console.repairs.facts import Facts, Gravity, Repair
from gate.console.repairs.sight import weakness
from gate.console.words import input_words
from gate.lanes.events import DeviceRole
from gate.lanes.views import PointView

UNKNOWN_LONG = timedelta(seconds=60)


def devices(facts: Facts) -> Iterator[Repair]:
    """Devices that do not answer, or answer wrongly."""
    for point in facts.overview.points:
        for fault in point.faults:
            device, _, reason = fault.partition(": ")
            role = DeviceRole(device)
            stops = role is DeviceRole.IO and point.kind != "terminal"
            yield Repair(
                f"device:{point.name}:{device}",
                Gravity.STOPS if stops else Gravity.HAMPERS,
                f"{point.name}, {_DEVICES[role]}",
                reason[:1].upper() + reason[1:],
                advice(role, reason),
                WHO[role],
            )


_DEVICES = {
    DeviceRole.IO: "barrier and detectors",
    DeviceRole.BOARD: "signboard",
    DeviceRole.CAMERA: "camera",
    DeviceRole.SCANNER: "scanner",
    DeviceRole.KEYPAD: "keypad",
    DeviceRole.PRINTER: "slip printer",
}


def inputs(facts: Facts) -> Iterator[Repair]:
    """Inputs unknown for long though their board answers."""
    by_name = {point.name: point for point in facts.overview.points}
    for (name, which), since in facts.unknown_since.items():
        point = by_name.get(name)
        # A board that is silent is one repair, not one for each of its inputs.
        if point is None or _has_fault(point, DeviceRole.IO) or facts.now - since < UNKNOWN_LONG:
            continue
        where = "barrier" if which == "barrier" else f"detector or contact '{input_words(which)}'"
        yield Repair(
            f"input:{name}:{which}",
            Gravity.STOPS,
            f"{name}, {where}",
            f"Unknown for more than {UNKNOWN_LONG.seconds} s while its board answers",
            "Look at the input's own wire, its loop amplifier or limit switch; `gate device watch` shows it. "
            "Till then an officer attends the lane ('More...', 'Attend').",
            "technician",
            since,
        )


def rest(facts: Facts) -> Iterator[Repair]:
    """Lanes that look for their rest and do not find it."""
    for point in facts.overview.points:
        since = facts.resting_since.get(point.name)
        if since is None or _has_fault(point, DeviceRole.IO) or facts.now - since < UNKNOWN_LONG:
            continue
        if any(name == point.name for name, _ in facts.unknown_since):
            continue  # that is what it waits for, and it is told above
        stuck = point.barrier in ("up", "moving")
        yield Repair(
            f"rest:{point.name}",
            Gravity.STOPS,
            f"{point.name}, barrier" if stuck else point.name,
            f"The barrier stays {point.barrier}" if stuck else "It does not come to rest",
            "Look that nothing is under the boom, then lower it with its key switch."
            if stuck
            else "See what its detectors say and that nobody stands there; the lane comes back by itself.",
            "officer",
            since,
        )


def lanes(facts: Facts) -> Iterator[Repair]:
    """Lanes that wait for a person's word."""
    for point in facts.overview.points:
        if point.phase == "disarmed":
            yield Repair(
                f"disarmed:{point.name}",
                Gravity.STOPS,
                point.name,
                "Disarmed: its devices' configuration changed",
                "See at the lane that barrier, detectors and board are the ones configured, then arm it.",
                "technician or shift lead, at the lane",
            )
        elif point.phase == "blocked":
            yield Repair(
                f"blocked:{point.name}",
                Gravity.STOPS,
                point.name,
                "Blocked by a breakdown",
                "Have the vehicle towed away, then 'Cleared' on the lane's page.",
                "officer",
            )


def cameras(facts: Facts) -> Iterator[Repair]:
    """Cameras that read less surely than they did."""
    for fall in facts.falls:
        yield Repair(
            f"dirty:{fall.point}",
            Gravity.HAMPERS,
            f"{fall.point}, camera",
            f"Reads grow unsure: {100 * fall.now:.0f} % against {100 * fall.before:.0f} % before, "
            f"{100 * fall.unread_now:.0f} % unread against {100 * fall.unread_before:.0f} %",
            "Clean the camera's window, then look at its lamp, its focus and whether it was knocked.",
            "officer or technician",
            fall.since,
        )


def sights(facts: Facts) -> Iterator[Repair]:
    """Cameras whose pictures show plates badly."""
    for sight in facts.sights:
        found = weakness(sight)
        if found is not None:
            yield Repair(
                f"sight:{sight.where}:{found.name}",
                Gravity.HAMPERS,
                sight.where,
                found.what,
                found.do,
                "technician",
            )


def _has_fault(point: PointView, role: DeviceRole) -> bool:
    return any(fault.startswith(f"{role.value}: ") for fault in point.faults)
