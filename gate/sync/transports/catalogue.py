"""Choosing the way to central by its URL."""

from __future__ import annotations

from urllib.parse import urlsplit

from gate.clock_trust import ClockTrust
from gate.errors import ConfigError
from gate.settings import CentralSettings
from gate.sync.transports.port import Transport


def open_transport(settings: CentralSettings, site: str, trust: ClockTrust) -> Transport:
    """A transport for `settings.url`, which tells `trust` central's time.

    ConfigError for an unknown scheme or an unusable token file.
    """
    match urlsplit(settings.url).scheme:
        case "http" | "https":
            from gate.sync.transports.http import HttpTransport

            return HttpTransport(settings.url, site, _token(settings), trust)
        case scheme:
            raise ConfigError(
                f"central.url: {settings.url!r} starts with {scheme or 'no scheme'!r}; "
                "http:// and https:// are known"
            )


def _token(settings: CentralSettings) -> str:
    path = settings.token_file
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"central.token_file: {path} cannot be read ({error}); "
            "central's operator gives it out as tokens/site-NAME"
        ) from error
    if not token or any(ch.isspace() or not ch.isprintable() for ch in token):
        raise ConfigError(f"central.token_file: {path} does not hold one token on one line")
    return token
