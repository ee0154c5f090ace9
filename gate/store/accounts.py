"""What officers.db is about: who may use the console, and the logins that are open."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from gate.errors import GateError


class OfficerError(GateError):
    """The account was left as it was; correct what the message names and try again."""


class Role(StrEnum):
    """What an account may do."""

    OFFICER = "officer"
    SHIFT_LEAD = "shift-lead"
    AUDITOR = "auditor"
    """Sees everything officers see, and may not act."""
    TECHNICIAN = "technician"
    """Takes points out of service and back; decides nothing about vehicles."""


@dataclass(frozen=True, slots=True)
class Officer:
    """A person with an account. `name` is what the journal records."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Account:
    """An account as those see it who look after accounts."""

    officer: Officer
    created_at: float
    disabled_at: float | None
    logins: int
    """How many of its logins are open."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login just opened. Its tokens are known to the browser only; the file keeps their hashes."""

    token: str = field(repr=False)
    officer: Officer
    browser: str = field(default="", repr=False)
    """By this the browser is known at its officer's next login."""


@dataclass(frozen=True, slots=True)
class OpenLogin:
    """A login as found by its token, or in a list of them."""

    login_id: str
    officer: Officer
    form_key: str = field(repr=False)
    started_at: float
    seen_at: float
    source: str
    fresh_token: str | None = field(default=None, repr=False)
    """A new token to be used from now on; the one that came with the request ends soon."""


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Wrong name or password (which of them is never said), or too soon after failures."""

    retry_after: float
    """Seconds to wait before another try is looked at; 0 when one may come at once."""


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """How long a login lasts."""

    idle_seconds: float = 30 * 60.0
    absolute_seconds: float = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """Something that happened to an account or a login, as the journal will have it."""

    seq: int
    at: float
    change: str
    account: str
    acted_by: str
    source: str


def account_of(name: str) -> str:
    """What an account goes by: its name, without regard to case, width of letters and spaces."""
    folded = " ".join(unicodedata.normalize("NFKC", name).split()).casefold()[:64]
    return folded.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be stored
