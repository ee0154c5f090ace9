"""Errors people may see. Each docstring is the advice shown with the message."""

from __future__ import annotations


class GateError(Exception):
    """Something Gate can name went wrong; the message says what, where and what to do."""


class ConfigError(GateError):
    """The site configuration cannot be used; correct the lines named and start again."""


class DeviceError(GateError):
    """A device refused, did not answer or answered wrongly; the lane treats it as unknown."""


class StoreError(GateError):
    """A database cannot be used; the gate comes up in safe mode and directs nobody."""


class SealError(GateError):
    """A sealed verdict failed its signature, binding or decryption; it is refused, the vehicle held."""


class SyncError(GateError):
    """Central could not be reached or answered wrongly; the gate goes on with what it has cached."""
