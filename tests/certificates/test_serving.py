"""What a face shows: the brought certificate, or the gate's own with the fault told. Never nothing."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from prometheus_client import REGISTRY
from starlette.responses import PlainTextResponse

from gate.certificates.authority import Paths, open_authority
from gate.certificates.files import read_pair
from gate.certificates.making import Pair
from gate.certificates.serving import FaceCertificate, authority_of
from gate.errors import CertificateError
from tests.certificates.faces import (
    TODAY,
    brought,
    client_of,
    face,
    later,
    served_over_tls,
    shake_hands,
    trusting,
)

HELLO = PlainTextResponse("hello")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """An empty data folder's."""
    return Paths.of(tmp_path)


def _refused(face: str, reason: str) -> float:
    labels = {"face": face, "reason": reason}
    return REGISTRY.get_sample_value("gate_tls_refused_total", labels) or 0.0


async def test_who_trusts_the_authority_is_served_over_modern_tls(paths: Paths) -> None:
    """TLS 1.3 or 1.2 with sound ciphers; anything else is refused and counted."""
    authority = open_authority(paths, "samur", TODAY)
    shown = FaceCertificate("console", face(), "samur", paths)
    shown.show(shown.choose(authority, TODAY))
    async with served_over_tls(HELLO, shown.context) as address:
        async with client_of(address, trusting(authority)) as client:
            assert (await client.get("/")).text == "hello"
        assert await asyncio.to_thread(shake_hands, address, trusting(authority)) == "TLSv1.3"
        older = trusting(authority)
        older.maximum_version = ssl.TLSVersion.TLSv1_2
        assert await asyncio.to_thread(shake_hands, address, older) == "TLSv1.2"
        before = _refused("console", "other")
        older.set_ciphers("ECDHE-ECDSA-AES128-SHA256")  # forward secret, but not authenticated encryption
        with pytest.raises(ssl.SSLError):
            await asyncio.to_thread(shake_hands, address, older)
        assert _refused("console", "other") == before + 1
    assert shown.context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_who_does_not_is_counted(paths: Paths, tmp_path: Path) -> None:
    """A browser that trusts somebody else, and one that speaks plain HTTP: refused, by reason."""
    authority = open_authority(paths, "samur", TODAY)
    shown = FaceCertificate("kiosk", face(), "samur", paths)
    shown.show(shown.choose(authority, TODAY))
    (tmp_path / "elsewhere").mkdir()
    stranger = open_authority(Paths.of(tmp_path / "elsewhere"), "samur", TODAY)
    before = {reason: _refused("kiosk", reason) for reason in ("distrusted", "plain-http")}
    async with served_over_tls(HELLO, shown.context, "kiosk") as address:
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(shake_hands, address, trusting(stranger))
        async with client_of(address.replace("https:", "http:"), trusting(authority)) as client:
            with pytest.raises(httpx2.TransportError):
                await client.get("/")
        async with client_of(address, trusting(authority)) as client:
            assert (await client.get("/")).status_code == 200
    assert {reason: _refused("kiosk", reason) - count for reason, count in before.items()} == {
        "distrusted": 1,
        "plain-http": 1,
    }


async def test_a_brought_certificate_is_shown_and_renewed_without_a_restart(
    paths: Paths, tmp_path: Path
) -> None:
    """The service's own authority; then a new pair in the same files: the next connection has it."""
    certificate, key, service = brought(tmp_path)
    shown = FaceCertificate("console", face(tls={"cert_file": certificate, "key_file": key}), "samur", paths)
    own = authority_of(paths, "samur", TODAY)
    shown.show(shown.choose(own, TODAY))
    assert (shown.shown.source, shown.shown.fault) == ("brought", "")
    async with served_over_tls(HELLO, shown.context) as address:
        async with client_of(address, trusting(service)) as client:
            assert (await client.get("/")).text == "hello"
        _, _, next_service = brought(tmp_path, later(1))
        shown.show(shown.choose(own, later(1)))
        async with client_of(address, trusting(next_service)) as client:
            assert (await client.get("/")).text == "hello"


async def test_half_a_renewal_changes_nothing(paths: Paths, tmp_path: Path) -> None:
    """The certificate is new and the key not yet: the pair read before is shown on, and the fault told."""
    certificate, key, service = brought(tmp_path)
    shown = FaceCertificate("console", face(tls={"cert_file": certificate, "key_file": key}), "samur", paths)
    own = authority_of(paths, "samur", TODAY)
    shown.show(shown.choose(own, TODAY))
    (tmp_path / "new").mkdir()
    certificate.write_bytes(brought(tmp_path / "new")[0].read_bytes())
    shown.show(shown.choose(own, later(1)))
    assert shown.shown.source == "brought"
    assert "the one read before is still shown" in shown.shown.fault
    async with (
        served_over_tls(HELLO, shown.context) as address,
        client_of(address, trusting(service)) as client,
    ):
        assert (await client.get("/")).text == "hello"
    assert shown.choose(own, later(400)).source == "own", "it has ended meanwhile"


SPOILT = [
    "gone",
    "no certificate",
    "ended",
    "another's key",
    "key open to others",
    "key encrypted",
    "no credential",
]


@pytest.mark.parametrize("how", SPOILT)
async def test_a_certificate_that_cannot_be_used_costs_the_face_nothing_but_its_trust(
    paths: Paths, tmp_path: Path, how: str
) -> None:
    """The gate's own is shown instead, and the fault says which file it is and why."""
    certificate, key, _ = brought(tmp_path)
    keys: dict[str, object] = {"cert_file": certificate, "key_file": key}
    today = TODAY
    match how:
        case "gone":
            certificate.unlink()
        case "no certificate":
            certificate.write_text("not a certificate")
        case "ended":
            today = later(398)
        case "another's key":
            (tmp_path / "other").mkdir()
            key.write_bytes(brought(tmp_path / "other")[1].read_bytes())
        case "key open to others":
            key.chmod(0o640)
        case "key encrypted":
            key.write_bytes(_encrypted(read_pair(certificate, key)))
        case _:
            keys["key_file"] = "credential:console.key"
    authority = open_authority(paths, "samur", today)
    shown = FaceCertificate("console", face(tls=keys), "samur", paths)
    shown.show(shown.choose(authority, today))
    assert shown.shown.source == "own"
    assert str(tmp_path / "brought") in shown.shown.fault or "credential:console.key" in shown.shown.fault
    if how == "ended":
        return  # this machine's own clock would not take a certificate of next year
    async with (
        served_over_tls(HELLO, shown.context) as address,
        client_of(address, trusting(authority)) as client,
    ):
        assert (await client.get("/")).text == "hello"


def _encrypted(pair: Pair) -> bytes:
    return pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


async def test_without_an_authority_that_can_be_used_what_it_signed_is_shown_on(paths: Paths) -> None:
    """Its key is damaged: the certificate of before still does; without one, a passing one comes up."""
    authority = open_authority(paths, "samur", TODAY)
    shown = FaceCertificate("console", face(), "samur", paths)
    first = shown.choose(authority, TODAY)
    paths.authority_key.write_text("spoilt")
    broken = authority_of(paths, "samur", TODAY)
    assert isinstance(broken, CertificateError)
    kept = FaceCertificate("console", face(), "samur", paths).choose(broken, TODAY)
    assert (kept.source, kept.chain.pem) == ("own", first.chain.pem)
    assert "authority" in kept.fault
    paths.face("console").unlink()
    last = FaceCertificate("console", face(), "samur", paths)
    last.show(last.choose(broken, TODAY))
    assert last.shown.source == "passing"
    assert not paths.face("console").exists(), "it is kept nowhere"
    async with (
        served_over_tls(HELLO, last.context) as address,
        client_of(address, trusting(authority)) as client,
    ):
        with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get("/")


def test_a_folder_nobody_can_write_keeps_no_face_from_coming_up(tmp_path: Path) -> None:
    """The disk is full or read-only: there is a passing certificate, and the fault says why."""
    paths = Paths.of(tmp_path / "not there")
    shown = FaceCertificate("console", face(), "samur", paths)
    shown.show(shown.choose(authority_of(paths, "samur", TODAY), TODAY))
    assert shown.shown.source == "passing"
    assert "cannot be written" in shown.shown.fault
