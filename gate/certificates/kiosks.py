"""Which kiosk certificates are good, and for which point: a list, so that one can be made worthless."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pydantic import TypeAdapter, ValidationError

from gate.certificates.files import SECRET, write
from gate.errors import CertificateError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KioskCertificate:
    """One that was made for a kiosk."""

    serial: str
    """In hexadecimal, lower case."""
    until: datetime
    fingerprint: str
    """SHA-256, as browsers show it."""


Known = dict[str, list[KioskCertificate]]
"""point -> its certificates that are good."""
_KNOWN = TypeAdapter(Known)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256, as browsers show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def serial_of(certificate: x509.Certificate) -> str:
    """As the list has it."""
    return f"{certificate.serial_number:x}"


def read_kiosks(path: Path) -> Known:
    """The list; empty where none was made yet. CertificateError when it is damaged."""
    try:
        return _KNOWN.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CertificateError(f"{path}: cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise CertificateError(
            f"{path}: is damaged, so that no kiosk is known; put it back from a copy, or remove it and make "
            "each kiosk a new certificate with `gate tls kiosk`"
        ) from error


def note_kiosk(path: Path, point: str, certificate: x509.Certificate, *, beside: bool) -> int:
    """Write a certificate into the list. Unless it stands beside them, those of before become worthless.

    Returns how many did.
    """
    known = read_kiosks(path)
    before = known.get(point, [])
    made = KioskCertificate(serial_of(certificate), certificate.not_valid_after_utc, fingerprint(certificate))
    known[point] = [*before, made] if beside else [made]
    _write(path, known)
    return 0 if beside else len(before)


def forget_kiosks(path: Path, point: str) -> int:
    """Make every certificate of the point worthless; how many there were."""
    known = read_kiosks(path)
    before = known.pop(point, [])
    _write(path, known)
    return len(before)


def _write(path: Path, known: Known) -> None:
    told = {point: [asdict(one) for one in known[point]] for point in sorted(known)}
    write(path, json.dumps(told, indent=1, default=datetime.isoformat).encode() + b"\n", SECRET)


@dataclass(slots=True)
class KnownKiosks:
    """The list as the running gate asks it: looked at again whenever the file has changed."""

    path: Path
    now: Callable[[], datetime]
    _known: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    """serial -> point, end."""
    _seen: tuple[int, int] | None = None
    fault: str = ""

    def point_of(self, serial: str) -> str | None:
        """Whose certificate this is; None for one that is not good, or any more."""
        self._look()
        point, until = self._known.get(serial, (None, None))
        return point if until is not None and self.now() < until else None

    def _look(self) -> None:
        try:
            found = self.path.stat()
            seen = (found.st_ino, found.st_mtime_ns)
        except OSError:
            seen = (0, 0)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            known = read_kiosks(self.path)
        except CertificateError as error:
            log.error("tls.kiosks_unknown", why=str(error))
            self._known, self.fault = {}, str(error)
            return
        self._known = {one.serial: (point, one.until) for point, ones in known.items() for one in ones}
        self.fault = ""
