"""`gate doctor` and boards on the network."""

from __future__ import annotations

import socket

from gate.cli.doctor.check import Verdict
from gate.cli.doctor.network import check_modbus


def test_a_board_that_takes_a_connection_is_ok() -> None:
    """Its address is told; nothing is sent to it."""
    with socket.create_server(("127.0.0.1", 0)) as board:
        port = board.getsockname()[1]
        check = check_modbus("lane-1 io", "127.0.0.1", port)
        taken, _ = board.accept()
        with taken:
            assert taken.recv(16) == b""
    assert (check.verdict, check.found) == (Verdict.OK, f"127.0.0.1:{port}")


def test_a_board_that_is_not_there_fails() -> None:
    """Said with its address and what to look at."""
    with socket.create_server(("127.0.0.1", 0)) as board:
        port = board.getsockname()[1]
    check = check_modbus("lane-1 io", "127.0.0.1", port)
    assert check.verdict is Verdict.FAIL
    assert f"127.0.0.1:{port}" in check.found
    assert "power" in check.advice
