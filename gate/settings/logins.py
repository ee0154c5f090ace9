"""How long officers' logins last, and by which names the console is asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gate.settings.types import Section

HostName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$",
        description="a host name, as people type it into the browser",
    ),
]


class LoginSettings(Section):
    """Logins at the console."""

    idle_minutes: float = Field(default=30.0, ge=2, le=60, description="nobody did anything: log in anew")
    absolute_hours: float = Field(default=12.0, ge=0.5, le=13, description="a long shift, and no longer")
    names: tuple[HostName, ...] = ()
    """Names the console is asked for by, beside this machine's own and every address."""
