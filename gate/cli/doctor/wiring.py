"""Does each lane have the inputs that what passes it asks for? Allowed without, and yet to be rued."""

from __future__ import annotations

from collections.abc import Iterator

from gate.cli.doctor.check import Check, ok, warn
from gate.lanes.events import Contact, Detector
from gate.settings import PointSettings, SiteSettings


def check_wiring(settings: SiteSettings) -> Iterator[Check]:
    """Each barrier lane by what it is fitted with; each approach that measures by who takes its finds."""
    for point in settings.points:
        if point.kind in ("entry", "exit"):
            yield check_lane(point)
        elif Contact.HEIGHT in point.fitted.contacts:
            yield check_oversize(point, settings)


def check_lane(point: PointSettings) -> Check:
    """What a lorry, a hand on the boom or a torn cable would do here that nobody sees."""
    name = f"{point.name} wiring"
    fitted, lacks, advice = point.fitted, [], []
    if Detector.PHOTO_EYE not in fitted.detectors:
        lacks.append("no photo-eye: its loop alone loses drawbars and high beds")
        advice.append("wire a photo-eye or light curtain where lorries pass")
    if not fitted.feedback:
        lacks.append("no limit switches: the boom is possibly up and possibly down")
        advice.append("wire barrier-up and barrier-down")
    if Contact.EMERGENCY_STOP not in fitted.contacts:
        lacks.append("no emergency stop is seen: after one the gate calls nobody")
        advice.append("wire its second contact block")
    if lacks:
        return warn(name, "; ".join(lacks), "; ".join(advice))
    return ok(name, "photo-eye, limit switches and emergency stop are seen")


def check_oversize(point: PointSettings, settings: SiteSettings) -> Check:
    """An oversize vehicle whose corridor has no lane for it is held, every time."""
    name = f"{point.name} height"
    entries = [one for one in settings.points if one.kind == "entry"]
    served = {corridor for one in entries for corridor in one.corridors}
    fits = {corridor for one in entries if one.takes_oversize for corridor in one.corridors}
    lacking = sorted(corridor.value for corridor in served - fits)
    if not lacking:
        return ok(name, "every corridor has a lane for oversize vehicles")
    found = f"no lane takes oversize vehicles for {', '.join(lacking)}: they are held"
    return warn(name, found, "say takes_oversize: true of a lane that is high enough")
