"""Who may speak to central: bearer tokens, kept hashed, handed out as files."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from fastapi import Request

from gate.sync.central.refusals import RefusalError

Role = Literal["site", "trader", "admin"]
_TOKEN_BYTES = 32
_MAX_TOKEN = 256


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a token belongs to; `site` for a checkpoint's."""

    role: Role
    site: str | None


def issue_token(connection: sqlite3.Connection, folder: Path, role: Role, site: str | None = None) -> None:
    """Make the token of `role` (and `site`) and its file, unless it was made before.

    The file may be moved to where it is used; central keeps the hash only.
    """
    known = connection.execute("SELECT 1 FROM tokens WHERE role = ? AND site IS ?", (role, site)).fetchone()
    if known is not None:
        return
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    # File first: a crash between the two leaves a token that is not valid yet, and is made anew.
    _write(folder / (role if site is None else f"site-{site}"), token)
    connection.execute("INSERT INTO tokens VALUES (?, ?, ?)", (_hash(token), role, site))


def bearer_of(request: Request) -> str:
    """The request's bearer token; RefusalError when it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > _MAX_TOKEN:
        raise _unknown("No token was sent")
    return token.strip()


def find_caller(connection: sqlite3.Connection, token: str) -> Caller:
    """Whose token this is; RefusalError when nobody's."""
    # Looked up by its hash: how long the look-up takes says nothing about the token.
    row = connection.execute("SELECT role, site FROM tokens WHERE hash = ?", (_hash(token),)).fetchone()
    if row is None:
        raise _unknown("The token is not known here")
    return Caller(row["role"], row["site"])


def allow(caller: Caller, *roles: Role, site: str | None = None) -> None:
    """RefusalError unless the caller has one of `roles`; a site's own token counts for its site only."""
    if caller.role in roles and (caller.role != "site" or caller.site == site):
        return
    wanted = " or ".join("this site's own token" if role == "site" else f"the {role} token" for role in roles)
    raise RefusalError(HTTPStatus.FORBIDDEN, "This token does not open this", do=f"use {wanted}")


def _unknown(error: str) -> RefusalError:
    return RefusalError(
        HTTPStatus.UNAUTHORIZED,
        error,
        where="header Authorization",
        do="send Authorization: Bearer TOKEN, the token from central's tokens folder",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _hash(token: str) -> bytes:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode()).digest()


def _write(path: Path, token: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
