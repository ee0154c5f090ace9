"""The site's own authority: made once, at the first start, and never made anew while it can be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gate.certificates.files import PUBLIC, SECRET, Chain, is_there, read_chain, read_pair, write
from gate.certificates.making import FACE_DAYS, Pair, Today, general_name, make_authority, make_face
from gate.errors import CertificateError

log = structlog.get_logger()

RENEW_BEFORE: Final = timedelta(days=30)
"""A face's own certificate is made anew so long before it ends."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where everything of a site's own lies, under `<data>/tls`."""

    folder: Path

    @classmethod
    def of(cls, data: Path) -> Paths:
        """Those of a site with this data folder."""
        return cls(data / "tls")

    @property
    def authority(self) -> Path:
        """What browsers are given to trust. Not secret."""
        return self.folder / "authority.pem"

    @property
    def authority_key(self) -> Path:
        """What makes certificates that they trust."""
        return self.folder / "authority.key"

    def face(self, face: str) -> Path:
        """A face's own certificate and its key, in one file: they change together."""
        return self.folder / f"{face}.pem"

    @property
    def kiosks(self) -> Path:
        """Which kiosk certificates are good."""
        return self.folder / "kiosks.json"


def open_authority(paths: Paths, site: str, today: Today) -> Pair:
    """The site's authority; made where there is none yet, or the one there was has ended.

    CertificateError when there is one that cannot be used. It is never overwritten: every browser and
    kiosk would have to trust another, and the fault may be a wrong owner.
    """
    if not is_there(paths.authority) and not is_there(paths.authority_key):
        return _make(paths, site, today, "there was none")
    try:
        found = read_pair(paths.authority, paths.authority_key)
    except CertificateError as error:
        raise CertificateError(
            f"{error}. Put it right, or back from a copy; without one remove {paths.authority} and "
            f"{paths.authority_key}, start again, and have every browser and kiosk trust the new one"
        ) from error
    if today.sure and today.utc >= found.certificate.not_valid_after_utc:
        return _make(
            paths, site, today, f"that of before ended on {found.certificate.not_valid_after_utc:%F}"
        )
    return found


def _make(paths: Paths, site: str, today: Today, why: str) -> Pair:
    made = make_authority(site, today)
    write(paths.authority_key, made.key_pem, SECRET)
    write(paths.authority, made.certificate_pem, PUBLIC)
    log.warning(
        "tls.authority_made",
        why=why,
        certificate=str(paths.authority),
        until=made.certificate.not_valid_after_utc.date().isoformat(),
        do="let browsers and kiosks trust it: docs/tls.md",
    )
    return made


def own_chain(paths: Paths, face: str, names: list[str], authority: Pair, today: Today) -> Chain:
    """A face's certificate by the authority: the one on the disk, or a new one where that will not do."""
    path = paths.face(face)
    why = "there was none"
    if is_there(path):
        try:
            found = read_chain(path, path, today)
        except CertificateError as error:
            why = str(error)
        else:
            why = _why_renew(found, names, authority, today)
            if not why:
                return found
    made = make_face(authority, face, names, today)
    pem = made.certificate_pem + made.key_pem
    write(path, pem, SECRET)
    log.info(
        "tls.certificate_made", face=face, why=why, until=made.certificate.not_valid_after_utc.isoformat()
    )
    return Chain(pem, made.certificate)


def _why_renew(chain: Chain, names: list[str], authority: Pair, today: Today) -> str:
    certificate = chain.certificate
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return "another authority signed it"
    try:
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return "it names no address"
    missing = [name for name in names if general_name(name) not in named]
    if missing:
        return f"it does not name {', '.join(missing)}"
    if today.sure:
        left = chain.until - today.utc
        anew = min(today.utc + timedelta(days=FACE_DAYS), authority.certificate.not_valid_after_utc)
        if left < RENEW_BEFORE and anew > chain.until:
            return "it is about to end"
        if left > timedelta(days=FACE_DAYS) and anew < chain.until:
            return "it was made while nobody knew the time"
    return ""


def passing_chain(site: str, face: str, names: list[str], today: Today) -> Chain:
    """A certificate that nobody can trust, kept nowhere: for a face that must come up all the same."""
    made = make_face(make_authority(site, today), face, names, today)
    return Chain(made.certificate_pem + made.key_pem, made.certificate)
