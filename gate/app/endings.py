"""What of the site's files has a last day: the certificates that the configuration names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from gate.console.repairs import Ending
from gate.settings import SiteSettings


def endings_of(settings: SiteSettings) -> tuple[Ending, ...]:
    """Every certificate's last day, read anew. One that cannot be read is its link's fault, told there."""
    return tuple(_named(settings))


def _named(settings: SiteSettings) -> Iterator[Ending]:
    tls = settings.mqtt.tls if settings.mqtt is not None else None
    if tls is None:
        return
    yield from _of("The certificate of the devices' broker's authority", tls.ca_file)
    if tls.cert_file is not None:
        yield from _of("Our certificate for the devices' broker", tls.cert_file)


def _of(what: str, file: Path) -> Iterator[Ending]:
    try:
        certificates = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        return
    yield Ending(what, str(file), min(one.not_valid_after_utc for one in certificates))
