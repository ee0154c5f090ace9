"""`gate tls`: made, shown and made worthless by the real command; the doctor knows when each ends."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID
from starlette.responses import PlainTextResponse

from gate.certificates.authority import Paths, open_authority, own_chain
from gate.certificates.files import Chain
from gate.certificates.kiosks import KnownKiosks
from gate.certificates.making import Today, make_face
from gate.certificates.serving import FaceCertificate
from gate.certificates.trust import trust_of
from gate.cli.doctor.certificates import check_certificates
from gate.config import load_site
from gate.errors import CertificateError
from gate.settings import SiteSettings
from tests.certificates.faces import brought, client_of, served_over_tls
from tests.cli.calling import DEMO, gate

NOW = datetime.now(UTC)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The demo site with a data folder of its own, not started yet."""
    (tmp_path / "edge").mkdir()
    file = tmp_path / "site.yaml"
    file.write_text(DEMO.read_text().replace("data: run/demo/edge", f"data: {tmp_path}/edge"))
    return file


async def test_a_kiosk_gets_its_certificate_and_its_browser_a_policy(site: Path, tmp_path: Path) -> None:
    """A .p12 that opens with the printed password and names the point; a policy for this gate alone."""
    out, policy = tmp_path / "approach.p12", tmp_path / "approach.json"
    made = await gate(
        *("tls", "kiosk", "approach", "--out", out, "--policy", policy, "-c", site, "--json"),
        *("--at", "gate.khanoba.example"),
    )
    assert (made.code, made.told["ended"]) == (0, 0), made.err
    assert "tls.authority_made" in made.err, "said where people look, not among the answers"
    key, certificate, others = pkcs12.load_key_and_certificates(
        out.read_bytes(), made.told["password"].encode()
    )
    assert key is not None
    assert certificate is not None
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (named,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert named.value == "approach"
    authority = x509.load_pem_x509_certificate((tmp_path / "edge/tls/authority.pem").read_bytes())
    assert others == [authority]
    certificate.verify_directly_issued_by(authority)
    told = json.loads(policy.read_text())
    assert told["URLAllowlist"] == ["https://gate.khanoba.example:8442"]
    assert "*" in told["URLBlocklist"]
    assert base64.b64decode(told["CACertificates"][0]) == authority.public_bytes(Encoding.DER)
    (shown,) = map(json.loads, told["AutoSelectCertificateForUrls"])
    (issuer,) = authority.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert shown == {
        "pattern": "https://gate.khanoba.example:8442",
        "filter": {"ISSUER": {"CN": issuer.value}},
    }

    again = await gate("tls", "kiosk", "approach", "--out", tmp_path / "new.p12", "-c", site)
    assert again.code == 0
    assert "1 of before made worthless" in again.out
    revoked = await gate("tls", "revoke", "approach", "-c", site, "--json")
    assert revoked.told == {"point": "approach", "ended": 1}
    known = KnownKiosks(Paths.of(tmp_path / "edge").kiosks, lambda: NOW)
    assert known.point_of(made.told["serial"]) is None


async def test_what_cannot_be_made_is_refused_and_nothing_is_left(site: Path, tmp_path: Path) -> None:
    """A lane has no kiosk, a file is not overwritten; a list that cannot be written costs the file, too."""
    out = tmp_path / "a.p12"
    lane = await gate("tls", "kiosk", "lane-1", "--out", out, "-c", site)
    assert (lane.code, "has no kiosk page" in lane.err) == (2, True)
    out.write_text("something of somebody's")
    there = await gate("tls", "kiosk", "approach", "--out", out, "-c", site)
    assert (there.code, out.read_text()) == (2, "something of somebody's")
    (tmp_path / "edge/tls").mkdir()
    (tmp_path / "edge/tls/kiosks.json").write_text("damaged")
    broken = await gate("tls", "kiosk", "approach", "--out", tmp_path / "b.p12", "-c", site)
    assert (broken.code, "is damaged" in broken.err) == (1, True)
    assert not (tmp_path / "b.p12").exists()


async def test_all_are_shown_with_their_ends_and_fingerprints(site: Path, tmp_path: Path) -> None:
    """What a person compares with what the browser says; exit 1 when one cannot be used."""
    paths = Paths.of(tmp_path / "edge")
    authority = open_authority(paths, "samur", Today(NOW, sure=True))
    console = own_chain(paths, "console", ["127.0.0.1"], authority, Today(NOW, sure=True))
    spoken, told = await asyncio.gather(
        gate("tls", "show", "-c", site), gate("tls", "show", "-c", site, "--json")
    )
    assert (spoken.code, told.code) == (0, 0)
    shown = {one["what"]: one for one in told.told["certificates"]}
    assert set(shown) == {"authority", "console", "kiosk"}
    assert shown["console"]["until"] == console.until.isoformat()
    assert shown["console"]["sha256"][0] in spoken.out
    assert f"Browsers trust {paths.authority}" in spoken.out
    paths.face("console").write_text("damaged")
    assert (await gate("tls", "show", "-c", site)).code == 1


def _with_console(site: Path, certificate: Path, key: Path) -> SiteSettings:
    """The site with a brought certificate at its console, in a file beside its own."""
    tls = f"tls: {{cert_file: {certificate}, key_file: {key}}}"
    beside = site.with_name("brought.yaml")
    beside.write_text(site.read_text().replace("port: 8441}", f"port: 8441, {tls}}}"))
    return load_site(beside)


def _checks(site: SiteSettings) -> dict[str, str]:
    return {check.name: check.verdict.value for check in check_certificates(site)}


def test_the_doctor_sees_what_ends_and_whose_key_is_open(site: Path, tmp_path: Path) -> None:
    """Good; ending; ended; a key others can read; a kiosk nobody made a certificate for."""
    paths, fresh = Paths.of(tmp_path / "edge"), load_site(site)
    assert _checks(fresh) == {
        "tls authority": "ok",
        "console certificate": "ok",
        "kiosk certificate": "ok",
    }
    open_authority(paths, "samur", Today(NOW, sure=True))
    assert _checks(fresh)["authority certificate"] == "ok"
    for age, verdict in ((0, "ok"), (380, "warn"), (398, "fail")):
        cert, key, _ = brought(tmp_path, Today(NOW - timedelta(days=age), sure=True))
        assert _checks(_with_console(site, cert, key))["console certificate"] == verdict, age
    paths.authority_key.chmod(0o640)
    assert _checks(fresh)["tls authority"] == "fail"
    site.write_text(site.read_text().replace("port: 8442}", "port: 8442, credentials: required}"))
    assert _checks(load_site(site))["kiosk at approach"] == "warn"


async def test_a_brought_certificate_is_trusted_here_by_itself(site: Path, tmp_path: Path) -> None:
    """`gate status` takes that very certificate whatever its names, and nothing else its issuer signs."""
    open_authority(Paths.of(tmp_path / "edge"), "samur", Today(NOW, sure=True))
    cert, key, service = brought(tmp_path, names=["gate.example"])
    settings = _with_console(site, cert, key)
    trust = trust_of(settings, settings.console)
    assert isinstance(trust, ssl.SSLContext)
    shown = FaceCertificate("console", settings.console, "samur", Paths.of(settings.data))
    shown.show(shown.choose(CertificateError("not asked"), Today(NOW, sure=True)))
    hello = PlainTextResponse("hello")
    async with served_over_tls(hello, shown.context) as at, client_of(at, trust) as client:
        assert (await client.get("/")).text == "hello"
    other = make_face(service, "console", ["127.0.0.1"], Today(NOW, sure=True))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    Chain(other.certificate_pem + other.key_pem, other.certificate).load_into(context)
    async with served_over_tls(hello, context) as at, client_of(at, trust) as client:
        with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get("/")
