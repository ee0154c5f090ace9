"""Help comes at once, is complete, and unknown words are met with a suggestion."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.cli.calling import gate
from tests.cli.tree import every_command

COMMANDS = dict(every_command())
WANTED = (
    "run demo check-config status doctor journal@verify "
    "officer@add anpr@read anpr@bench anpr@tune central@serve"
)


def test_the_commands_asked_for_exist() -> None:
    """The command tree is the one the product promises."""
    assert {f"gate {name.replace('@', ' ')}" for name in WANTED.split()} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_everything_has_a_help_text(name: str) -> None:
    """Every command, option and argument says what it is for."""
    command: Any = COMMANDS[name]
    assert command.help
    silent = [parameter.name for parameter in command.params if not getattr(parameter, "help", None)]
    assert not silent


def test_help_needs_nothing_heavy() -> None:
    """`gate --help` imports no room, no model, no image library: it comes in a blink."""
    script = (
        "import sys\n"
        "from gate.__main__ import main\n"
        "sys.argv = ['gate', '--help']\n"
        "try:\n main()\n"
        "except SystemExit as done:\n assert not done.code\n"
        "heavy = ['torch', 'cv2', 'numpy', 'onnxruntime', 'fastapi', 'pydantic', 'cryptography', 'httpx2',\n"
        "  'ruamel', 'gate.app', 'gate.store', 'gate.console', 'gate.anpr', 'gate.sync', 'hardware']\n"
        "print('LOADED', *[name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED"


async def test_no_words_show_the_commands() -> None:
    """`gate` alone lists the commands and counts as wrong usage."""
    done = await gate()
    assert done.code == 2
    assert "check-config" in done.out
    assert "Exit codes" in done.out


async def test_version() -> None:
    """--version is the package's own."""
    import gate as package

    done = await gate("--version")
    assert (done.code, done.out) == (0, f"gate {package.__version__}\n")


@pytest.mark.parametrize(("words", "meant"), [(["stats"], "status"), (["journal", "verfy"], "verify")])
async def test_a_misspelt_command_is_suggested(words: list[str], meant: str) -> None:
    """Wrong usage exits 2 and names what was meant, in mounted groups too."""
    done = await gate(*words)
    assert done.code == 2
    assert f"Did you mean '{meant}'" in done.err


async def test_no_colours_in_a_pipe() -> None:
    """What a program reads carries no escape sequences."""
    done = await gate("--help")
    assert "\x1b" not in done.out
