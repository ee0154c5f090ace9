"""Whether a lane's devices are ours to use just now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel

from gate.cli.doctor.check import Verdict
from gate.cli.doctor.files import check_serial
from gate.errors import GateError
from gate.settings import PointSettings
from gate.store.snapshots import phase_of

MAINTENANCE = "maintenance"


class NotOursError(GateError):
    """Somebody else uses the lane's devices; two masters on one barrier is how people get hurt."""


def ports_are_free(points: Iterable[PointSettings]) -> None:
    """Refuse when another program holds a serial port of these points.

    A port that is not there is no refusal: seeing that is what the commands are for.
    """
    for point in points:
        for name, port in _serial_ports(point):
            check = check_serial(name, port)
            if check.verdict is Verdict.WARN:
                raise NotOursError(
                    f"{name}: {port} is in use, most likely by the running gate. Put {point.name} into "
                    "maintenance at the officers' console, or stop the gate (systemctl stop gate); "
                    f"`fuser {port}` names who holds it"
                )


def may_test(data: Path, point: str, *, new_site: bool) -> None:
    """Refuse unless the point's last committed phase is maintenance, or the site is new and said to be."""
    journal = data / "journal.db"
    if not journal.exists():
        if not new_site:
            raise NotOursError(
                f"no journal at {journal}: the gate has never run here. If this is a new site, say "
                "--new-site; if not, the configuration's data: is wrong, or you may not read it (run as the "
                "gate's user)"
            )
        return
    if new_site:
        raise NotOursError(f"--new-site, but the gate has run here: {journal}. Leave --new-site out")
    phase = phase_of(journal, point)
    if phase != MAINTENANCE:
        raise NotOursError(
            f"{point} is {phase or 'not known to the gate'}, not in maintenance. Put it into maintenance at "
            "the officers' console (the gate must be running for that); then nobody is directed there and "
            "the gate lets go of its devices"
        )


def _serial_ports(point: PointSettings) -> Iterable[tuple[str, Path]]:
    """Every section of the point that names a serial port, whatever its driver."""
    for role in type(point).model_fields:
        section = getattr(point, role)
        port = getattr(section, "port", None) if isinstance(section, BaseModel) else None
        if isinstance(port, Path):
            yield f"{point.name} {role}", port
