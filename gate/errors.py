"""Errors people may see. Each docstring is the advice shown with the message."""

from __future__ import annotations

from typing import Literal

SealFault = Literal[
    "forged", "absent", "swapped", "foreign", "replayed", "older", "expired", "early", "malformed", "missing"
]
"""What is wrong with a declaration's row or its verdict; `gate.store.refusals` has the words for each."""


class GateError(Exception):
    """Something Gate can name went wrong; the message says what, where and what to do."""


class ConfigError(GateError):
    """The site configuration cannot be used; correct the lines named and start again."""


class DeviceError(GateError):
    """A device refused, did not answer or answered wrongly; the lane treats it as unknown."""


class StoreError(GateError):
    """A database cannot be used; the gate comes up in safe mode and directs nobody."""


class CertificateError(GateError):
    """A certificate or its key cannot be used; the web face shows one of the gate's own instead."""


class SealError(GateError):
    """A declaration or its verdict is not as central made it; it is refused, the vehicle held."""

    def __init__(self, fault: SealFault, message: str) -> None:
        super().__init__(message)
        self.fault: SealFault = fault


class SyncError(GateError):
    """Central could not be reached or answered wrongly; the gate goes on with what it has cached."""
