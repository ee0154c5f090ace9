"""Keys that systemd hands over: `credential:NAME` names one in the unit's own credentials folder.

There it lies in memory, decrypted by LoadCredentialEncrypted= for that unit alone; on the disk, and so
in every backup of it, is only what this machine can decrypt.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from gate.errors import ConfigError

_PREFIX: Final = "credential:"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FOLDER: Final = "CREDENTIALS_DIRECTORY"


def is_credential(path: Path) -> bool:
    """Whether `path` is no path but the name of a credential."""
    return str(path).startswith(_PREFIX)


def check_credential_name(path: Path) -> Path:
    """`path` as it is; ValueError when it names a credential as none may be named."""
    if is_credential(path) and not _NAME.fullmatch(str(path).removeprefix(_PREFIX)):
        raise ValueError("names no credential: write credential:NAME, as in credential:site.key")
    return path


def locate(path: Path) -> Path:
    """Where the file named by `path` lies; ConfigError for a credential where none are handed over."""
    if not is_credential(path):
        return path
    folder = os.environ.get(_FOLDER)
    if not folder:
        raise ConfigError(
            f"{path}: systemd hands credentials to the service alone, and it did not start this process; "
            "start gate.service, or name a key file"
        )
    return Path(folder) / str(path).removeprefix(_PREFIX)


def others_may_not(path: Path) -> int:
    """The permission bits that must be off on the private file at `path`.

    A file is closed to group and others. A credential is the service's by an access list, which shows
    among the group's bits: its folder is what keeps the others out.
    """
    folder = os.environ.get(_FOLDER)
    return 0o007 if folder and Path(folder) in path.parents else 0o077
