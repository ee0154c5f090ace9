"""A room's own command group under `gate`, imported only when it is used.

The room's commands need what the room needs (numpy, FastAPI, torch); `gate --help` must not.
"""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group


class MountedGroup(TyperGroup):
    """Stands for `module:app` (a typer.Typer) under `name`; asks it for its commands when needed."""

    def __init__(self, name: str, module: str, summary: str) -> None:
        super().__init__(name=name, help=summary, no_args_is_help=True)
        self._module = module
        self._target: TyperGroup | None = None

    def list_commands(self, ctx: Any) -> list[str]:
        """The room's commands, in its order."""
        return self._load().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One of the room's commands, or None."""
        return self._load().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As any group does, with the room's commands to suggest from."""
        self.commands = self._load().commands
        return super().resolve_command(ctx, args)

    def _load(self) -> TyperGroup:
        if self._target is None:
            app = importlib.import_module(self._module).app
            if not isinstance(app, typer.Typer):
                raise TypeError(f"{self._module}.app is not a typer.Typer")
            # get_group, not get_command: an app of one command would else lose that command's name
            self._target = get_group(app)
        return self._target
