"""Passwords: what will do as one, and how they are kept (Argon2id, exactly as typed)."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gate.store.accounts import OfficerError
from gate.store.guessable import LEAST_BITS, bits, is_listed

PASSWORD_MIN = 15
"""NIST SP 800-63B's length for a password that stands alone. Shorter ones set before go on being taken."""
PASSWORD_MAX = 256
REFUSED_LIST = "refused-passwords.txt"
"""Beside officers.db: passwords, one a line, that the site wants refused (known breaches, for instance)."""


class Passwords:
    """Checks, hashes and compares. Each hash takes 64 MiB and tens of milliseconds: off the loop, please."""

    def __init__(self, folder: Path, hasher: PasswordHasher | None = None) -> None:
        self._refused = folder / REFUSED_LIST
        # RFC 9106's low-memory parameters: the most that a box which also reads plates can spare.
        self._hasher = hasher or PasswordHasher()

    def check(self, password: str, context: Iterable[str]) -> None:
        """OfficerError, saying why, for a password that will not do."""
        if len(password) < PASSWORD_MIN:
            raise OfficerError(
                f"the password has {len(password)} characters; at least {PASSWORD_MIN} are wanted: "
                "several words that do not belong together are easy to keep in mind"
            )
        if len(password) > PASSWORD_MAX:
            raise OfficerError(f"the password is longer than {PASSWORD_MAX} characters")
        if bits(password, context) < LEAST_BITS:
            raise OfficerError(
                "the password is too easy to guess: common words, rows of keys, repeats, dates and the words "
                "of this place count for little; use several words that do not belong together"
            )
        if is_listed(password, self._refused):
            raise OfficerError(f"the password is on this site's list of refused ones ({self._refused.name})")

    def hashed(self, password: str) -> str:
        """What is kept of it."""
        return self._hasher.hash(_bytes(password))

    def agrees(self, hashed: str | None, password: str) -> bool:
        """Whether it is the one that was hashed; without a hash no, after about the same time."""
        try:
            nobodys = _nobodys_hash(
                self._hasher.time_cost, self._hasher.memory_cost, self._hasher.parallelism
            )
            self._hasher.verify(hashed or nobodys, _bytes(password[: PASSWORD_MAX + 1]))
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    def wants_rehash(self, hashed: str) -> bool:
        """Whether it was hashed with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(hashed)


@cache
def _nobodys_hash(time_cost: int, memory_cost: int, parallelism: int) -> str:
    # Compared with when the account does not exist, so that the answer takes as long.
    return PasswordHasher(time_cost, memory_cost, parallelism).hash(secrets.token_hex(16))


def _bytes(password: str) -> bytes:
    # One form of each letter, whatever keyboard it came from; nothing is cut off, folded or trimmed.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
