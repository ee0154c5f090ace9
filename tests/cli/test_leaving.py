"""How errors leave the process: named ones as a message with advice, all others as the bug they are."""

from __future__ import annotations

import pytest

from gate.cli import main as command
from gate.errors import ConfigError, GateError, StoreError

STORE = StoreError("journal.db is damaged")


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (STORE, 1, ["gate: journal.db is damaged", "gate: A database cannot be used"]),
        (ConfigError("no such site"), 2, ["gate: no such site", "correct the lines named"]),
        (GateError("something"), 1, ["gate: something"]),
        (BaseExceptionGroup("tasks", [STORE, ExceptionGroup("more", [STORE])]), 1, ["gate: journal.db"]),
    ],
)
def test_named_errors(
    raised: BaseException,
    code: int,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The message, then its class's advice, on stderr; nothing on stdout."""

    def fails(**_: object) -> None:
        raise raised

    monkeypatch.setattr(command, "build", lambda: fails)
    with pytest.raises(SystemExit) as left:
        command.main()
    streams = capsys.readouterr()
    assert left.value.code == code
    assert streams.out == ""
    assert all(part in streams.err for part in said)
    assert "what to do." not in streams.err  # GateError's own docstring advises nobody


@pytest.mark.parametrize("raised", [KeyError("x"), BaseExceptionGroup("tasks", [STORE, KeyError("x")])])
def test_a_bug_is_not_hidden(raised: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody named keeps its traceback, also beside a named error."""

    def fails(**_: object) -> None:
        raise raised

    monkeypatch.setattr(command, "build", lambda: fails)
    with pytest.raises(type(raised)):
        command.main()
