"""Both faces' certificates in the running gate: looked after, renewed, shown without a restart."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from gate.certificates.authority import Paths
from gate.certificates.ends import FaceLook, Look, ends
from gate.certificates.kiosks import KnownKiosks, read_kiosks
from gate.certificates.making import Pair, Today
from gate.certificates.serving import FaceCertificate, Shown, authority_of
from gate.clock import Clock
from gate.errors import CertificateError
from gate.lanes.views import CertificateView
from gate.settings import SiteSettings

LOOK_SECONDS: Final = 60.0

_Chosen = tuple[Pair | CertificateError, dict[str, Shown], Look]


class Faces:
    """What console and kiosk are served with. Making it never fails: a face comes up whatever is broken."""

    def __init__(
        self, settings: SiteSettings, clock: Clock, offset: Callable[[], timedelta | None] = lambda: None
    ) -> None:
        """`offset`: what this box's clock is from the true time by, None while nobody knows."""
        self._settings = settings
        self._clock = clock
        self._offset = offset
        self._paths = Paths.of(settings.data)
        self._faces: dict[str, FaceCertificate] = {}
        if settings.console.tls is not None:
            self._faces["console"] = FaceCertificate("console", settings.console, settings.site, self._paths)
        if settings.kiosk.tls is not None:
            self._faces["kiosk"] = FaceCertificate("kiosk", settings.kiosk, settings.site, self._paths)
        self.kiosks = KnownKiosks(self._paths.kiosks, lambda: self._today().utc)
        self.views: tuple[CertificateView, ...] = ()
        """When each ends, as of the last look."""
        if self._faces:
            today = self._today()
            self._show(self._choose(today), today)

    def context(self, face: str) -> ssl.SSLContext | None:
        """What to serve the face with; None: plain HTTP, as its settings say."""
        found = self._faces.get(face)
        return found.context if found is not None else None

    async def run(self) -> None:
        """Look again once a minute until cancelled: files may have changed, and time passes."""
        while self._faces:
            await self._clock.sleep(LOOK_SECONDS)
            today = self._today()
            self._show(await asyncio.to_thread(self._choose, today), today)

    def _today(self) -> Today:
        offset = self._offset()
        return Today(self._clock.now().utc + (offset or timedelta()), sure=offset is not None)

    def _choose(self, today: Today) -> _Chosen:
        authority = authority_of(self._paths, self._settings.site, today)
        shown = {name: face.choose(authority, today) for name, face in self._faces.items()}
        looks = {name: FaceLook(one.chain, one.fault, one.source == "own") for name, one in shown.items()}
        certificate = authority if isinstance(authority, CertificateError) else authority.certificate
        try:
            kiosks = read_kiosks(self._paths.kiosks)
        except CertificateError as error:
            return authority, shown, Look(certificate, looks, error)
        return authority, shown, Look(certificate, looks, kiosks)

    def _show(self, chosen: _Chosen, today: Today) -> None:
        authority, shown, seen = chosen
        for name, face in self._faces.items():
            face.show(shown[name])
            if name == "kiosk" and self._settings.kiosk_credentials:
                face.know_kiosks(None if isinstance(authority, CertificateError) else authority)
        self.views = ends(seen, today.utc)
