"""Accounts whose passwords are hashed at once, for tests that try hundreds of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argon2 import PasswordHasher

from gate.clock import Clock
from gate.store.officers import LoginLimits, Officers, Role
from tests.console.serving import PASSWORD

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Argon2id as ever, with parameters nobody should use for real."""


@contextmanager
def quick_officers(folder: Path, clock: Clock, limits: LoginLimits | None = None) -> Iterator[Officers]:
    """Leyla, an officer, and Nigar, the shift lead."""
    officers = Officers(folder / "quick.db", clock, limits or LoginLimits(), hasher=QUICK)
    officers.add("Leyla", PASSWORD, Role.OFFICER)
    officers.add("Nigar", PASSWORD, Role.SHIFT_LEAD)
    try:
        yield officers
    finally:
        officers.close()
