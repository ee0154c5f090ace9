"""Every command there is, with its options: what help and docs are held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.core import TyperGroup

from gate.cli.main import build


def every_command() -> Iterator[tuple[str, Any]]:
    """The name people type, `gate officer add`, and the command; groups included."""
    waiting: list[tuple[str, Any, Any]] = [("gate", build(), None)]
    while waiting:
        name, command, parent = waiting.pop()
        yield name, command
        if isinstance(command, TyperGroup):
            context = command.make_context(name, [], parent=parent, resilient_parsing=True)
            waiting += [
                (f"{name} {word}", command.get_command(context, word), context)
                for word in command.list_commands(context)
            ]


def options_of(command: Any) -> list[str]:
    """Its long options, and its arguments as usage lines spell them: FILE, IMAGE."""
    names = []
    for parameter in command.params:
        long = [name for name in parameter.opts if name.startswith("--")]
        names += long[:1] or [(parameter.metavar or parameter.name).strip("[].").upper()]
    return [name for name in names if name != "--help"]
