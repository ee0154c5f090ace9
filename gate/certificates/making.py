"""Certificates as the gate makes them: an authority, a web face's, a kiosk's. Pure but for chance."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_YEARS: Final = 10
FACE_DAYS: Final = 397
KIOSK_DAYS: Final = 730

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""What is not dated by a clock that can be relied on is good from here on: long before it was made."""
_END = datetime.max.replace(tzinfo=UTC)
_BACK = timedelta(days=2)
"""Other machines' clocks may be behind this one's."""
_DAYS_A_YEAR = 365
_COMMON_NAME_MAX = 64


@dataclass(frozen=True, slots=True)
class Today:
    """What time it is, and whether that can be relied on.

    A box may be switched on with a dead clock, in 1970. What it then makes or throws away by the calendar
    is wrong for everybody whose clock is right.
    """

    utc: datetime
    sure: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key as text: whoever has it is who the certificate names."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def make_authority(site: str, today: Today) -> Pair:
    """An authority of a site's own, that may sign certificates and no other authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    # Its serial goes into its name: browsers keep the authority of before under a name of its own.
    serial = x509.random_serial_number()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, site),
            x509.NameAttribute(
                NameOID.COMMON_NAME, f"Gate authority of {site} {serial:x}"[:_COMMON_NAME_MAX]
            ),
        ]
    )
    public = key.public_key()
    # Made on a box whose clock may stand in 1970, it must last as long all the same.
    years = AUTHORITY_YEARS if today.sure else 3 * AUTHORITY_YEARS
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(_EPOCH)
        .not_valid_after(max(today.utc, _EPOCH) + timedelta(days=years * _DAYS_A_YEAR))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def make_face(authority: Pair, face: str, names: Sequence[str], today: Today) -> Pair:
    """A web face's certificate, for the names and addresses people reach it by.

    While nobody knows what time it is, it lasts as long as its authority: the next one will not.
    """
    site = authority.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
    alternatives = x509.SubjectAlternativeName([general_name(name) for name in names])
    return _leaf(
        authority,
        (str(site), f"Gate {face}"),
        (today.utc - _BACK, today.utc + timedelta(days=FACE_DAYS)) if today.sure else (_EPOCH, _END),
        ((alternatives, False), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)),
    )


def make_kiosk(authority: Pair, point: str, now: datetime) -> Pair:
    """A kiosk's certificate: its name is the point it may speak for."""
    site = authority.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
    return _leaf(
        authority,
        (str(site), point),
        (_EPOCH, now + timedelta(days=KIOSK_DAYS)),
        ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),),
    )


def general_name(name: str) -> x509.GeneralName:
    """An address as an address, anything else as a host name: browsers compare them apart."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _leaf(
    authority: Pair,
    named: tuple[str, str],
    good: tuple[datetime, datetime],
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    organization, common = named
    issuer = authority.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
                    x509.NameAttribute(NameOID.COMMON_NAME, common),
                ]
            )
        )
        .issuer_name(issuer.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(good[0])
        .not_valid_after(min(good[1], issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)
