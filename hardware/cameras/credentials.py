"""A camera's user and password, out of the file that the configuration names."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gate.errors import DeviceError


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are to a camera."""

    user: str
    password: str = field(repr=False)


def read_credentials(path: Path | None) -> Credentials | None:
    """The pair of `user:password` on the file's first line; None without a file. Raises DeviceError.

    Read at every connection, so that a changed password needs no restart.
    """
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DeviceError(f"credentials_file {path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise DeviceError(f"credentials_file {path} is not UTF-8 text") from None
    user, colon, password = (lines[0] if lines else "").strip().partition(":")
    if not user or not colon:
        raise DeviceError(f"credentials_file {path} must hold user:password on its first line")
    return Credentials(user, password)
