"""How a program on this machine trusts the gate that runs here: `gate status`, the doctor, the demo."""

from __future__ import annotations

import ssl

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gate.certificates.authority import Paths
from gate.certificates.files import read
from gate.errors import CertificateError
from gate.settings import Face, SiteSettings


def trust_of(settings: SiteSettings, face: Face) -> ssl.SSLContext | bool:
    """What a client on this machine verifies the face with; True where it speaks plain HTTP.

    CertificateError when what is needed cannot be read: the data folder is the gate's user's alone.
    """
    if face.tls is None:
        return True
    context = ssl.create_default_context(cadata=read(Paths.of(settings.data).authority).decode("ascii"))
    if face.tls.cert_file is not None:
        try:
            brought = x509.load_pem_x509_certificates(read(face.tls.cert_file))[0]
        except (CertificateError, ValueError):
            return context  # then the gate shows one of its own authority
        # That very certificate is trusted, not whatever its issuer signs; so its names say nothing more,
        # and need not have the address at which this machine reaches it.
        context.load_verify_locations(cadata=brought.public_bytes(Encoding.PEM).decode("ascii"))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.check_hostname = False
    return context
