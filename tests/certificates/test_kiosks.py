"""A kiosk with its certificate: its own point and nobody else's, until the certificate is made worthless."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from prometheus_client import REGISTRY

from gate.app.peers import serial_of
from gate.certificates.authority import Paths, open_authority
from gate.certificates.kiosks import KnownKiosks, forget_kiosks, note_kiosk, read_kiosks
from gate.certificates.making import Pair, make_face, make_kiosk
from gate.certificates.serving import FaceCertificate
from gate.clock import SystemClock
from gate.errors import CertificateError
from gate.glass import SafeHeaders
from gate.kiosk.app import create_kiosk
from gate.kiosk.its_point import OnlyItsPoint
from tests.certificates.faces import NOW, TODAY, client_of, face, served_over_tls, shake_hands, trusting
from tests.console.tiny_checkpoint import TinyCheckpoint

POINTS = {"approach": "approach", "hall-1": "terminal"}


@dataclass
class Drivers:
    """The drivers' face of a running gate, and what makes kiosks known to it."""

    address: str
    paths: Paths
    authority: Pair
    checkpoint: TinyCheckpoint
    folder: Path

    def kiosk(self, point: str) -> Path:
        """A kiosk's certificate and key, made as `gate tls kiosk` makes them."""
        made = make_kiosk(self.authority, point, NOW)
        note_kiosk(self.paths.kiosks, point, made.certificate, beside=True)
        return self.file(made)

    def file(self, pair: Pair) -> Path:
        """A certificate with its key, in a file of their own."""
        path = self.folder / f"{pair.certificate.serial_number:x}.pem"
        path.write_bytes(pair.certificate_pem + pair.key_pem)
        return path

    def client(self, showing: Path | None = None) -> httpx2.AsyncClient:
        """A browser that trusts the gate."""
        return client_of(self.address, trusting(self.authority, showing=showing))


@pytest.fixture
async def drivers(tmp_path: Path) -> AsyncIterator[Drivers]:
    """The kiosks' pages as the daemon serves them where credentials are required."""
    paths = Paths.of(tmp_path)
    authority = open_authority(paths, "samur", TODAY)
    shown = FaceCertificate("kiosk", face(), "samur", paths)
    shown.show(shown.choose(authority, TODAY))
    shown.know_kiosks(authority)
    checkpoint, clock = TinyCheckpoint(), SystemClock()
    known = KnownKiosks(paths.kiosks, lambda: clock.now().utc)
    app = create_kiosk(checkpoint, clock, POINTS)
    guarded = SafeHeaders(OnlyItsPoint(app, serial_of=serial_of, point_of=known.point_of, clock=clock))
    async with served_over_tls(guarded, shown.context, "kiosk") as address:
        yield Drivers(address, paths, authority, checkpoint, tmp_path)


def _counted(reason: str) -> float:
    return REGISTRY.get_sample_value("gate_kiosk_credentials_refused_total", {"reason": reason}) or 0.0


async def test_a_kiosk_speaks_for_its_point_and_for_no_other(drivers: Drivers) -> None:
    """Pages, board and requests of the hall answer the hall's kiosk; the approach's are refused, unheard."""
    before = _counted("other-point")
    async with drivers.client(drivers.kiosk("hall-1")) as kiosk:
        for path in ("/hall-1", "/hall-1/az", "/api/hall-1"):
            assert (await kiosk.get(path)).status_code == 200, path
        page = (await kiosk.get("/hall-1")).text
        for asset in {part.split('"')[0] for part in page.split('"/static/')[1:]}:
            assert (await kiosk.get(f"/static/{asset}")).status_code == 200, asset
        elsewhere = ("/approach", "/approach/az", "/api/approach", "//approach", "/api//approach", "/api")
        tricks = ("/static/../approach", "/hall-1/../approach", "/%61pproach", "/api/static")
        for path in (*elsewhere, *tricks):
            answer = await kiosk.get(drivers.address + path)
            assert answer.status_code in (403, 404), path
            assert "keypad" not in answer.text
        refused = await kiosk.post("/api/approach/help", json={"reason": "call"})
        assert (refused.status_code, drivers.checkpoint.help) == (403, [])
        assert (await kiosk.post("/api/hall-1/help", json={"reason": "call"})).status_code == 202
    assert _counted("other-point") >= before + len(elsewhere)


async def test_without_a_certificate_there_is_a_plain_page(drivers: Drivers) -> None:
    """403 with what to do and every security header; a header that claims a certificate is no certificate."""
    before = _counted("none")
    async with drivers.client() as nobody:
        for path in ("/hall-1", "/static/kiosk.css", "/api/hall-1"):
            answer = await nobody.get(path, headers={"peer_certificate_serial": "1", "X-Client-Cert": "1"})
            assert (answer.status_code, answer.headers["content-type"]) == (403, "text/plain; charset=utf-8")
            assert "gate tls kiosk" in answer.text
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert _counted("none") == before + 3


async def test_a_certificate_made_worthless_is_refused_on_the_open_connection(drivers: Drivers) -> None:
    """Revoked: the next request of the very connection that worked is refused."""
    showing, before = drivers.kiosk("hall-1"), _counted("not-known")
    async with drivers.client(showing) as kiosk:
        assert (await kiosk.get("/hall-1")).status_code == 200
        assert forget_kiosks(drivers.paths.kiosks, "hall-1") == 1
        assert (await kiosk.get("/hall-1")).status_code == 403
    assert _counted("not-known") == before + 1


async def test_a_certificate_nobody_listed_is_refused(drivers: Drivers) -> None:
    """Signed by the authority, named as the point, and not in the list: as one made with a stolen copy."""
    showing = drivers.file(make_kiosk(drivers.authority, "hall-1", NOW))
    async with drivers.client(showing) as kiosk:
        assert (await kiosk.get("/hall-1")).status_code == 403


async def test_certificates_of_others_do_not_even_connect(drivers: Drivers, tmp_path: Path) -> None:
    """Another authority's, or the console's own used as a kiosk's: the handshake ends, counted."""
    (tmp_path / "other").mkdir()
    other = open_authority(Paths.of(tmp_path / "other"), "samur", TODAY)
    strangers = (make_kiosk(other, "hall-1", NOW), make_face(drivers.authority, "console", ["a"], TODAY))
    for stranger in strangers:
        trust = trusting(drivers.authority, showing=drivers.file(stranger))
        trust.maximum_version = ssl.TLSVersion.TLSv1_2  # there the client hears of it before it speaks
        labels = {"face": "kiosk", "reason": "certificate"}
        before = REGISTRY.get_sample_value("gate_tls_refused_total", labels) or 0.0
        with pytest.raises(ssl.SSLError):
            await asyncio.to_thread(shake_hands, drivers.address, trust)
        assert REGISTRY.get_sample_value("gate_tls_refused_total", labels) == before + 1


def test_a_new_certificate_ends_those_of_before_unless_it_stands_beside_them(tmp_path: Path) -> None:
    """A kiosk that was lost is made worthless by making its successor; a second screen is not."""
    paths = Paths.of(tmp_path)
    authority = open_authority(paths, "samur", TODAY)
    first, second, third = (make_kiosk(authority, "approach", NOW).certificate for _ in range(3))
    assert note_kiosk(paths.kiosks, "approach", first, beside=False) == 0
    assert note_kiosk(paths.kiosks, "approach", second, beside=False) == 1
    assert note_kiosk(paths.kiosks, "approach", third, beside=True) == 0
    known = KnownKiosks(paths.kiosks, lambda: NOW)
    points = [known.point_of(f"{one.serial_number:x}") for one in (first, second, third)]
    assert points == [None, "approach", "approach"]


def test_one_that_has_ended_is_nobodys(tmp_path: Path) -> None:
    """By the best time the gate knows, not by this machine's clock alone."""
    paths = Paths.of(tmp_path)
    made = make_kiosk(open_authority(paths, "samur", TODAY), "approach", NOW).certificate
    note_kiosk(paths.kiosks, "approach", made, beside=False)
    serial, end = f"{made.serial_number:x}", made.not_valid_after_utc
    assert KnownKiosks(paths.kiosks, lambda: end - timedelta(seconds=1)).point_of(serial) == "approach"
    assert KnownKiosks(paths.kiosks, lambda: end).point_of(serial) is None


def test_a_damaged_list_knows_nobody_and_says_so(tmp_path: Path) -> None:
    """When in doubt no kiosk is known; the list is not overwritten by the next certificate."""
    paths = Paths.of(tmp_path)
    made = make_kiosk(open_authority(paths, "samur", TODAY), "approach", NOW).certificate
    note_kiosk(paths.kiosks, "approach", made, beside=False)
    known = KnownKiosks(paths.kiosks, lambda: NOW)
    assert known.point_of(f"{made.serial_number:x}") == "approach"
    paths.kiosks.write_text('{"approach": [')
    assert known.point_of(f"{made.serial_number:x}") is None
    assert "is damaged" in known.fault
    with pytest.raises(CertificateError, match="gate tls kiosk"):
        note_kiosk(paths.kiosks, "approach", made, beside=False)
    with pytest.raises(CertificateError):
        read_kiosks(paths.kiosks)
