"""What one web face shows to whoever connects: the brought certificate, or one of the gate's own.

A face always comes up, and never in the clear. A certificate that is broken, has ended or cannot be read
costs the trust of those who trust that one alone; who trusts the site's authority too goes on as before.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Final, Literal

import structlog
from cryptography.hazmat.primitives.serialization import Encoding

from gate.certificates.authority import Paths, open_authority, own_chain, passing_chain
from gate.certificates.files import Chain, read_chain
from gate.certificates.handshakes import counting
from gate.certificates.making import Pair, Today
from gate.certificates.names import names_of
from gate.errors import CertificateError
from gate.sealing.credentials import is_credential
from gate.settings import Face

log = structlog.get_logger()

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: forward secret and authenticated. TLS 1.3 has no others."""

NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of x509_vfy.h, which Python has no name for."""

Source = Literal["brought", "own", "passing"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a face shows, and what is wrong with what it should show."""

    chain: Chain
    source: Source
    fault: str = ""


class FaceCertificate:
    """One face's certificate and the context it is served with."""

    def __init__(self, face: Literal["console", "kiosk"], settings: Face, site: str, paths: Paths) -> None:
        self.face = face
        self._settings = settings
        self._site = site
        self._paths = paths
        self._shown: Shown | None = None
        self._trusted: bytes = b""
        self.context = _context(face)

    @property
    def shown(self) -> Shown:
        """What is shown now."""
        if self._shown is None:
            raise AssertionError("asked before the first look")
        return self._shown

    def know_kiosks(self, authority: Pair | None) -> None:
        """Ask who connects for a certificate of this authority; None: of nobody's.

        Nobody is turned away for want of one here: a page can say what is wrong, an ended handshake cannot.
        """
        self.context.verify_mode = ssl.CERT_OPTIONAL
        # Whether one has ended is asked of the list of kiosks, by the best time known: OpenSSL would go by
        # this machine's clock, dead or alive.
        self.context.verify_flags |= ssl.VerifyFlags(NO_CHECK_TIME)
        # Each connection shows its certificate anew: a ticket would carry an old answer on.
        self.context.options |= ssl.OP_NO_TICKET
        self.context.num_tickets = 0
        if authority is not None:
            der = authority.certificate.public_bytes(Encoding.DER)
            if der != self._trusted:
                self.context.load_verify_locations(cadata=der)
                self._trusted = der

    def choose(self, authority: Pair | CertificateError, today: Today) -> Shown:
        """What should be shown now. Reads and may write files, changes nothing else."""
        brought = self._settings.tls.cert_file if self._settings.tls else None
        if brought is None:
            return self._own(authority, today, "")
        try:
            return Shown(self._brought(today), "brought")
        except CertificateError as error:
            before = self._shown
            if (
                before is not None
                and before.source == "brought"
                and (not today.sure or today.utc < before.chain.until)
            ):
                # Half-written files of a renewal: what was read before is still good.
                return Shown(before.chain, "brought", f"{error}; the one read before is still shown")
            return self._own(authority, today, str(error))

    def show(self, shown: Shown) -> None:
        """Show it to whoever connects from now on."""
        before = self._shown
        if before is None or before.chain.pem != shown.chain.pem:
            shown.chain.load_into(self.context)
        self._shown = shown
        if before is not None and (before.source, before.fault) == (shown.source, shown.fault):
            return
        told = {
            "face": self.face,
            "source": shown.source,
            "until": shown.chain.until.isoformat(),
            "authority": str(self._paths.authority),
        }
        if shown.fault:
            log.error("tls.fault", why=shown.fault, **told)
        else:
            log.info("tls.certificate", **told)

    def _brought(self, today: Today) -> Chain:
        tls = self._settings.tls
        if tls is None or tls.cert_file is None or tls.key_file is None:
            raise AssertionError("settings with a brought certificate name its key")
        return read_chain(tls.cert_file, tls.key_file, today)

    def _own(self, authority: Pair | CertificateError, today: Today, fault: str) -> Shown:
        names = names_of(self._settings)
        if not isinstance(authority, CertificateError):
            try:
                return Shown(own_chain(self._paths, self.face, names, authority, today), "own", fault)
            except CertificateError as error:
                return self._passing(names, today, fault, error)
        try:
            path = self._paths.face(self.face)
            kept = read_chain(path, path, today)  # signed while the authority could be used
        except CertificateError:
            return self._passing(names, today, fault, authority)
        return Shown(kept, "own", "; ".join(filter(None, (fault, str(authority)))))

    def _passing(self, names: list[str], today: Today, fault: str, error: CertificateError) -> Shown:
        said = "; ".join(
            filter(None, (fault, str(error), "until then a certificate nobody can trust is shown"))
        )
        return Shown(passing_chain(self._site, self.face, names, today), "passing", said)


def authority_of(paths: Paths, site: str, today: Today) -> Pair | CertificateError:
    """The site's authority, or why it cannot be used."""
    try:
        return open_authority(paths, site, today)
    except CertificateError as error:
        return error


def is_handed_over(face: Face) -> bool:
    """Whether its key is a credential, which only the service itself can read."""
    return bool(face.tls and face.tls.key_file and is_credential(face.tls.key_file))


def _context(face: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = counting(face)
    return context
