"""The second officer: vouches for one act with his own name and password, and is logged in nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from gate.console.asking import ACTS, SECONDED
from gate.console.door import CredentialsRefusedError, not_his, vouched_for
from gate.console.sessions import Session, may
from gate.lanes.acts import ConfirmPlate, EnterCargoNumber, EnterNumber
from gate.store.officers import LoginRefused

NAME, PASSWORD = "second", "second_password"


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
        raise CredentialsRefusedError(422, "The second officer's name and password must be texts.")
    return own, Credentials(name, password)


async def vouched(
    request: Request, session: Session, act: ConfirmPlate | EnterNumber | EnterCargoNumber, given: Credentials
) -> str:
    """The second officer's name as the journal has it. CredentialsRefusedError: he may not, or is not he."""
    found = await vouched_for(request, given.name, given.password)
    if isinstance(found, LoginRefused):
        raise not_his(request, session, found, "The second officer's name or password is wrong.")
    if not may(found.role, act):
        raise CredentialsRefusedError(
            403,
            f"The role {found.role.value} cannot be a second officer. Ask an officer or the shift lead.",
        )
    return found.name
