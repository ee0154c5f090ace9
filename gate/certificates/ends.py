"""When each certificate of the glass ends, and what to do before: for console, `gate tls` and doctor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from gate.certificates.authority import Paths
from gate.certificates.files import Chain, is_there, read, read_chain
from gate.certificates.kiosks import Known, read_kiosks
from gate.certificates.making import Today
from gate.errors import CertificateError
from gate.lanes.views import CertificateView
from gate.settings import Face, SiteSettings

AUTHORITY_NOTICE: Final = timedelta(days=180)
"""Every browser and kiosk will have to trust another: that wants a plan."""
BROUGHT_NOTICE: Final = timedelta(days=30)
OWN_NOTICE: Final = timedelta(days=14)
"""The gate makes it anew a month before its end: if it has not by now, something keeps it from it."""
KIOSK_NOTICE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FaceLook:
    """What a face shows, or would show."""

    chain: Chain | None
    fault: str = ""
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """Everything of a site's certificates, as found."""

    authority: x509.Certificate | CertificateError | None
    """None: none was made yet."""
    faces: dict[str, FaceLook] = field(default_factory=dict)
    kiosks: Known | CertificateError = field(default_factory=dict)


def look(settings: SiteSettings, now: datetime) -> Look:
    """Read the site's certificates; nothing is made or changed. Needs the right to read their keys."""
    paths = Paths.of(settings.data)
    faces = {
        name: _face(face, name, paths, now)
        for name, face in (("console", settings.console), ("kiosk", settings.kiosk))
        if face.tls is not None
    }
    return Look(read_authority(paths), faces, _kiosks(paths))


def ends(seen: Look, now: datetime) -> tuple[CertificateView, ...]:
    """Each certificate, in words; those that end first are not first: by what they are."""
    if not seen.faces:
        return ()
    found = [_authority(seen.authority, now)] if seen.authority is not None else []
    found += [_served(name, face, now) for name, face in seen.faces.items()]
    if isinstance(seen.kiosks, CertificateError):
        found.append(
            CertificateView("kiosk certificates", "broken", None, str(seen.kiosks), "see docs/tls.md")
        )
        return tuple(found)
    for point, ones in sorted(seen.kiosks.items()):
        # Of several the last to end counts: one that was replaced may still stand in the list.
        until = max(one.until for one in ones)
        do = f"make it a new one: gate tls kiosk {point}"
        found.append(_view(f"kiosk at {point}", until, KIOSK_NOTICE, do, now))
    return tuple(found)


def read_authority(paths: Paths) -> x509.Certificate | CertificateError | None:
    """The authority's certificate alone; None where none was made yet."""
    try:
        if not is_there(paths.authority) and not is_there(paths.authority_key):
            return None
        return x509.load_pem_x509_certificate(read(paths.authority))
    except CertificateError as error:
        return error
    except ValueError:
        return CertificateError(f"{paths.authority}: holds no certificate in PEM form")


def _kiosks(paths: Paths) -> Known | CertificateError:
    try:
        return read_kiosks(paths.kiosks)
    except CertificateError as error:
        return error


def _face(face: Face, name: str, paths: Paths, now: datetime) -> FaceLook:
    tls = face.tls
    try:
        if tls is not None and tls.cert_file is not None and tls.key_file is not None:
            return FaceLook(read_chain(tls.cert_file, tls.key_file, Today(now, sure=True)), is_own=False)
        own = paths.face(name)
        return FaceLook(read_chain(own, own, Today(now, sure=True)) if is_there(own) else None)
    except CertificateError as error:
        return FaceLook(None, str(error), is_own=tls is None or tls.cert_file is None)


def _authority(found: x509.Certificate | CertificateError | None, now: datetime) -> CertificateView:
    if not isinstance(found, x509.Certificate):
        return CertificateView("authority", "broken", None, str(found), "see docs/tls.md")
    do = "plan a day: remove it, start the gate, have browsers and kiosks trust the new one (docs/tls.md)"
    return _view("authority", found.not_valid_after_utc, AUTHORITY_NOTICE, do, now)


def _served(name: str, face: FaceLook, now: datetime) -> CertificateView:
    if face.fault:
        do = "put it right; meanwhile the gate shows one of its own authority (docs/tls.md)"
        return CertificateView(name, "broken", face.chain.until if face.chain else None, face.fault, do)
    if face.chain is None:
        return CertificateView(name, "good", None, "made when the gate starts")
    if face.is_own:
        do = "see in the log (tls.) what keeps the gate from making it anew"
        return _view(name, face.chain.until, OWN_NOTICE, do, now)
    return _view(name, face.chain.until, BROUGHT_NOTICE, "bring a new one; the gate takes it by itself", now)


def _view(what: str, until: datetime, notice: timedelta, do: str, now: datetime) -> CertificateView:
    left = (until - now).days
    if until <= now:
        return CertificateView(what, "broken", until, f"ended on {until:%Y-%m-%d}", do)
    says = f"good until {until:%Y-%m-%d}"
    if until - now < notice:
        return CertificateView(what, "ending", until, f"{says}, {left} days more", do)
    return CertificateView(what, "good", until, says)
