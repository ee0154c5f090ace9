"""The site's own authority: made once, kept whatever happens, its certificates renewed in time."""

from __future__ import annotations

import ipaddress
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from gate.certificates.authority import Paths, open_authority, own_chain
from gate.certificates.making import Today
from gate.certificates.names import names_of
from gate.errors import CertificateError
from tests.certificates.faces import NOW, TODAY, face, later

NAMES = ["10.20.2.1", "gate.khanoba.example", "127.0.0.1"]
DEAD = Today(datetime(1970, 1, 1, 0, 1, tzinfo=UTC), sure=False)
AHEAD = Today(datetime(2062, 1, 1, tzinfo=UTC), sure=False)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """An empty data folder's."""
    return Paths.of(tmp_path)


def test_a_chain_verifies_for_each_name_and_no_other(paths: Paths) -> None:
    """An independent verifier takes it by the web's rules: names, addresses, use, time."""
    authority = open_authority(paths, "samur", TODAY)
    leaf = own_chain(paths, "console", NAMES, authority, TODAY).certificate
    trusted = PolicyBuilder().store(Store([authority.certificate])).time(NOW)
    for name in NAMES:
        verifier = trusted.build_server_verifier(_subject(name))
        assert verifier.verify(leaf, []) == [leaf, authority.certificate]
    with pytest.raises(x509.verification.VerificationError):
        trusted.build_server_verifier(_subject("10.20.2.2")).verify(leaf, [])
    key = authority.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    use = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(use) == [ExtendedKeyUsageOID.SERVER_AUTH]


def _subject(name: str) -> x509.verification.Subject:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def test_keys_are_closed_and_the_authority_can_be_copied(paths: Paths) -> None:
    """Whatever the umask: keys for the owner alone, the authority's certificate for everybody."""
    before = os.umask(0)
    try:
        own_chain(paths, "kiosk", NAMES, open_authority(paths, "samur", TODAY), TODAY)
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in paths.folder.iterdir()}
    assert modes == {"authority.key": 0o600, "authority.pem": 0o644, "kiosk.pem": 0o600}
    assert stat.S_IMODE(paths.folder.stat().st_mode) == 0o700


def test_the_next_start_finds_both_as_they_were(paths: Paths) -> None:
    """Nothing is made anew that can be used."""
    first = own_chain(paths, "console", NAMES, open_authority(paths, "samur", TODAY), TODAY)
    again = own_chain(paths, "console", NAMES, open_authority(paths, "samur", later(300)), later(300))
    assert again.pem == first.pem


@pytest.mark.parametrize(("days", "renewed"), [(366, False), (368, True), (400, True)])
def test_it_is_made_anew_a_month_before_its_end(paths: Paths, days: int, renewed: bool) -> None:
    """By the same authority, so that nobody has to trust anything new."""
    first = own_chain(paths, "console", NAMES, open_authority(paths, "samur", TODAY), TODAY)
    authority = open_authority(paths, "samur", later(days))
    second = own_chain(paths, "console", NAMES, authority, later(days))
    assert (second.pem != first.pem) is renewed
    assert second.until > later(days).utc
    second.certificate.verify_directly_issued_by(authority.certificate)


def test_a_new_name_makes_a_new_certificate(paths: Paths) -> None:
    """The face listens elsewhere from now on; a name less is no reason."""
    authority = open_authority(paths, "samur", TODAY)
    first = own_chain(paths, "console", NAMES, authority, TODAY)
    assert own_chain(paths, "console", NAMES[:1], authority, TODAY).pem == first.pem
    assert own_chain(paths, "console", [*NAMES, "10.9.9.9"], authority, TODAY).pem != first.pem


def test_near_the_authoritys_end_nothing_is_made_anew_at_every_look(paths: Paths) -> None:
    """A face's certificate cannot outlive its authority: the same one is shown until that has ended."""
    end = open_authority(paths, "samur", TODAY).certificate.not_valid_after_utc
    eve = Today(end - timedelta(days=3), sure=True)
    authority = open_authority(paths, "samur", eve)
    last = own_chain(paths, "console", NAMES, authority, eve)
    assert last.until == end
    assert own_chain(paths, "console", NAMES, authority, eve).pem == last.pem
    over = Today(end, sure=True)
    new = open_authority(paths, "samur", over)
    assert new.certificate.not_valid_after_utc > end
    own_chain(paths, "console", NAMES, new, over).certificate.verify_directly_issued_by(new.certificate)


@pytest.mark.parametrize("damage", ["key gone", "key of another", "not a certificate", "key open to others"])
def test_an_authority_that_cannot_be_used_is_never_overwritten(
    paths: Paths, damage: str, tmp_path: Path
) -> None:
    """Every browser would have to trust another: the fault is told, and what is there stays as it is."""
    open_authority(paths, "samur", TODAY)
    match damage:
        case "key gone":
            paths.authority_key.unlink()
        case "key of another":
            (tmp_path / "other").mkdir()
            other = Paths.of(tmp_path / "other")
            open_authority(other, "samur", TODAY)
            paths.authority_key.write_bytes(other.authority_key.read_bytes())
        case "not a certificate":
            paths.authority.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
        case _:
            paths.authority_key.chmod(0o644)
    before = {file: file.read_bytes() for file in paths.folder.iterdir()}
    with pytest.raises(CertificateError, match=r"authority\.(key|pem).*remove"):
        open_authority(paths, "samur", TODAY)
    assert {file: file.read_bytes() for file in paths.folder.iterdir()} == before


def test_a_dead_clock_throws_nothing_away(paths: Paths) -> None:
    """Switched on in 1970 or 2062, with nobody to ask: what was made before is shown as it is."""
    authority = open_authority(paths, "samur", TODAY)
    first = own_chain(paths, "console", NAMES, authority, TODAY)
    for wrong in (DEAD, AHEAD):
        found = open_authority(paths, "samur", wrong)
        assert found.certificate == authority.certificate
        assert own_chain(paths, "console", NAMES, found, wrong).pem == first.pem


@pytest.mark.parametrize("wrong", [DEAD, AHEAD], ids=["1970", "2062"])
def test_what_a_dead_clock_made_can_be_used_and_is_made_anew_when_time_is_known(
    paths: Paths, wrong: Today
) -> None:
    """The first start of all, with a wrong clock: good for browsers that know better, then for a year."""
    authority = open_authority(paths, "samur", wrong)
    first = own_chain(paths, "console", NAMES, authority, wrong)
    for certificate in (authority.certificate, first.certificate):
        assert certificate.not_valid_before_utc < NOW < certificate.not_valid_after_utc
    assert open_authority(paths, "samur", TODAY).certificate == authority.certificate
    second = own_chain(paths, "console", NAMES, authority, TODAY)
    assert second.until == NOW + timedelta(days=397)
    assert own_chain(paths, "console", NAMES, authority, TODAY).pem == second.pem


def test_names_are_where_it_listens_what_is_added_and_this_machine() -> None:
    """A face that listens everywhere is reached at each of the machine's addresses."""
    local = ["localhost", "127.0.0.1", "::1"]
    assert names_of(face(host="10.20.2.1")) == ["10.20.2.1", *local]
    added = face(host="10.20.2.1", tls={"names": ["Gate.example", "10.20.2.1"]})
    assert names_of(added) == ["10.20.2.1", "gate.example", *local]
    everywhere = names_of(face(host="0.0.0.0"))
    assert "0.0.0.0" not in everywhere
    assert set(local) <= set(everywhere)
    assert os.uname().nodename.lower() in everywhere
