"""Whether the web faces' certificates fit, their keys are closed, and when each ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from gate.certificates.authority import Paths
from gate.certificates.ends import Look, ends, look
from gate.certificates.files import is_there, read_pair
from gate.certificates.serving import is_handed_over
from gate.cli.doctor.check import Check, fail, ok, warn
from gate.errors import CertificateError
from gate.lanes.views import CertificateView
from gate.settings import SiteSettings


def check_certificates(settings: SiteSettings) -> Iterator[Check]:
    """Everything TLS, as the gate would find it now; nothing where both faces speak plain HTTP."""
    now = datetime.now(UTC)
    seen = look(settings, now)
    if not seen.faces:
        yield warn("tls", "off at both web faces", "right only behind a TLS proxy on this machine")
        return
    yield from _check_authority(Paths.of(settings.data), seen)
    for view in ends(seen, now):
        name = f"{view.what} certificate" if view.what != "kiosk certificates" else view.what
        face = {"console": settings.console, "kiosk": settings.kiosk}.get(view.what)
        if face is not None and view.state == "broken" and is_handed_over(face):
            # Its key reaches the service alone: what this command cannot read may be all right.
            yield warn(name, view.says, "ask the running gate: gate status")
        else:
            yield _check(name, view)
    if settings.kiosk_credentials and isinstance(seen.kiosks, dict):
        for point in settings.points:
            if point.kiosk and not seen.kiosks.get(point.name):
                yield warn(
                    f"kiosk at {point.name}",
                    "no certificate was made for it, and without one its page is refused",
                    f"gate tls kiosk {point.name} --out FILE.p12, or kiosk.credentials: off",
                )


def _check_authority(paths: Paths, seen: Look) -> Iterator[Check]:
    if seen.authority is None:
        yield ok("tls authority", "made when the gate starts")
        return
    try:
        if is_there(paths.authority_key):
            read_pair(paths.authority, paths.authority_key)
            yield ok("tls authority", f"{paths.authority}; its key is closed to others")
        else:
            yield fail(
                "tls authority", f"{paths.authority_key} is not there", "put it back, or see docs/tls.md"
            )
    except CertificateError as error:
        yield fail("tls authority", str(error), "see docs/tls.md")


def _check(name: str, view: CertificateView) -> Check:
    match view.state:
        case "good":
            return ok(name, view.says)
        case "ending":
            return warn(name, view.says, view.do)
        case "broken":
            return fail(name, view.says, view.do)
