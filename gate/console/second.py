"""The second officer: vouches for one act with his own name and password, and is logged in nowhere."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from gate.console.asking import ACTS, SECONDED
from gate.console.desk import Desk
from gate.console.sessions import Session, may
from gate.lanes.acts import ConfirmPlate, EnterCargoNumber, EnterNumber
from gate.store.officers import LoginRefused, Officer

log = structlog.get_logger()

NAME, PASSWORD = "second", "second_password"
_NAME_MAX = 64


class SecondRefusedError(Exception):
    """The second officer's credentials do not do; `status` says how, the message what to do."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was typed for the second officer."""

    name: str
    password: str


def part(fields: object) -> tuple[object, Credentials | None]:
    """The act's own fields, and the second officer's credentials apart from them: they go no further."""
    if not isinstance(fields, Mapping) or ACTS.get(str(fields.get("act"))) not in SECONDED:
        return fields, None
    own = {name: value for name, value in fields.items() if name not in (NAME, PASSWORD)}
    name, password = fields.get(NAME) or "", fields.get(PASSWORD) or ""
    if not name and not password:
        return own, None
    if not isinstance(name, str) or not isinstance(password, str):
        raise SecondRefusedError(422, "The second officer's name and password must be texts.")
    return own, Credentials(name, password)


async def vouched(
    desk: Desk,
    session: Session,
    act: ConfirmPlate | EnterNumber | EnterCargoNumber,
    given: Credentials,
    source: str,
) -> str:
    """The second officer's name as the journal has it. SecondRefusedError when he may not, or is not he."""
    found = await _checked(desk, session, given, source, "The second officer's name or password is wrong.")
    if not may(found.role, act):
        raise SecondRefusedError(
            403,
            f"The role {found.role.value} cannot be a second officer. Ask an officer or the shift lead.",
        )
    return found.name


async def proved(desk: Desk, session: Session, password: object, source: str) -> None:
    """Whoever agrees proves anew that it is he: a colleague's unattended screen is no second officer.

    SecondRefusedError when the password is not his.
    """
    if not isinstance(password, str) or not password:
        raise SecondRefusedError(403, "Type your own password: agreeing takes it again.")
    own = Credentials(session.officer.name, password)
    await _checked(desk, session, own, source, "That is not your password.")


async def _checked(desk: Desk, session: Session, given: Credentials, source: str, said: str) -> Officer:
    async with desk.hashing:
        found = await asyncio.to_thread(desk.officers.vouch, given.name[:_NAME_MAX], given.password, source)
    if not isinstance(found, LoginRefused):
        return found
    # His name stays out of the log, as at a login: people type their password there by mistake.
    log.warning(
        "console.second_refused", officer=session.officer.name, source=source, retry_after=found.retry_after
    )
    if found.retry_after:
        raise SecondRefusedError(429, f"{said} Wait {math.ceil(found.retry_after)} s before the next try.")
    raise SecondRefusedError(403, said)
