"""Asking one SNMP agent: get and set, version 1 by community or version 3 by user. pysnmp does the work.

Every datagram is looked at as it comes: what is from elsewhere, no SNMP, or answers nothing we asked,
is refused and counted, and never ends the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pysnmp.carrier.asyncio.dgram.udp import UdpAsyncioTransport
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch.asyncio import (
    USM_AUTH_HMAC96_SHA,
    USM_AUTH_HMAC192_SHA256,
    USM_AUTH_HMAC384_SHA512,
    USM_PRIV_CFB128_AES,
    USM_PRIV_NONE,
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    get_cmd,
    set_cmd,
)
from pysnmp.proto.rfc1902 import Integer32, OctetString
from pysnmp.proto.rfc1905 import NoSuchInstance, NoSuchObject

from gate.errors import DeviceError

TRY_SECONDS = 0.5
TRIES_AGAIN = 1
"""A datagram may be lost; every set of ours may be done twice."""
NO_SUCH_NAME = 2

Auth = Literal["sha1", "sha256", "sha512"]
Value = int | bytes

_AUTH = {
    "sha1": USM_AUTH_HMAC96_SHA,
    "sha256": USM_AUTH_HMAC192_SHA256,
    "sha512": USM_AUTH_HMAC384_SHA512,
}
_SHORTEST_PASSPHRASE = 8


@dataclass(frozen=True, slots=True)
class Community:
    """SNMPv1: a word in clear text."""

    file: Path


@dataclass(frozen=True, slots=True)
class User:
    """SNMPv3: a user with an authentication passphrase, and one for privacy where there is one."""

    name: str
    auth: Auth
    auth_file: Path
    privacy_file: Path | None


class SnmpRefusedError(DeviceError):
    """The agent understood and said no; `status` is SNMP's number for why."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(what)
        self.status = status


class SnmpSession:
    """One agent. `refused` is called with a reason (one of few words) and a detail for the log."""

    def __init__(
        self, host: str, port: int, credentials: Community | User, refused: Callable[[str, str], None]
    ) -> None:
        self.name = f"{host}:{port}"
        self._address = (host, port)
        self._credentials = credentials
        self._refused = refused
        self._engine: Any = None
        self._target: Any = None
        self._auth: Any = None
        self._progress = 0
        """Grows with every answer that led somewhere."""

    async def open(self) -> None:
        """Read the secrets and find the host; DeviceError when either is missing. Sends nothing."""
        self._auth = _auth_data(self._credentials)
        try:
            self._target = await _Target.create(self._address, timeout=TRY_SECONDS, retries=TRIES_AGAIN)
        except PySnmpError as error:
            raise DeviceError(f"cannot find the host {self._address[0]}") from error
        self._target.session = self
        self._engine = SnmpEngine()
        self._engine.observer.register_observer(self._answered, "rfc3412.receiveMessage:response")

    async def close(self) -> None:
        """End it, with the library's timer task."""
        engine, self._engine = self._engine, None
        if engine is None or engine.transport_dispatcher is None:
            return
        dispatcher = engine.transport_dispatcher
        ticking = dispatcher.loopingcall
        engine.close_dispatcher()
        if ticking is not None:
            await asyncio.wait([ticking])

    async def get(self, *oids: str) -> list[Value | None]:
        """The values of `oids`, None for those the agent does not have; DeviceError without an answer."""
        binds = [ObjectType(ObjectIdentity(oid)) for oid in oids]
        try:
            answer = await self._ask(get_cmd, binds)
        except SnmpRefusedError as refusal:
            if refusal.status != NO_SUCH_NAME:
                raise
            # Version 1 answers for all at once: ask one by one which is missing.
            if len(oids) == 1:
                return [None]
            return [(await self.get(oid))[0] for oid in oids]
        return self._values(oids, answer)

    async def set(self, *pairs: tuple[str, Value]) -> None:
        """Set all of `pairs` or none; SnmpRefusedError, or DeviceError without an answer."""
        binds = [
            ObjectType(
                ObjectIdentity(oid), Integer32(value) if isinstance(value, int) else OctetString(value)
            )
            for oid, value in pairs
        ]
        await self._ask(set_cmd, binds)

    async def _ask(self, command: Callable[..., Any], binds: Sequence[Any]) -> Sequence[Any]:
        if self._engine is None:
            raise DeviceError(f"{self.name} is not open")
        try:
            indication, status, index, answer = await command(
                self._engine, self._auth, self._target, ContextData(), *binds, lookupMib=False
            )
        except PySnmpError as error:
            self._refused("damaged", str(error))
            raise DeviceError(f"{self.name} answers what is no answer") from error
        if indication:
            if type(indication).__name__ == "RequestTimedOut":
                raise DeviceError(f"{self.name} does not answer")
            self._refused("mismatched", str(indication))
            raise DeviceError(f"{self.name} and we do not agree: {indication}")
        if status:
            at = f", at {binds[int(index) - 1][0]}" if 0 < int(index) <= len(binds) else ""
            raise SnmpRefusedError(f"{self.name} refuses (SNMP error {int(status)}{at})", int(status))
        return list(answer)

    def _values(self, oids: Sequence[str], answer: Sequence[Any]) -> list[Value | None]:
        if [str(bind[0]) for bind in answer] != list(oids):
            self._refused("wrong-object", f"{len(answer)} values for {len(oids)} asked")
            raise DeviceError(f"{self.name} answers for objects we did not ask for")
        return [self._value(oid, bind[1]) for oid, bind in zip(oids, answer, strict=True)]

    def _value(self, oid: str, value: Any) -> Value | None:
        if isinstance(value, NoSuchObject | NoSuchInstance):
            return None
        if isinstance(value, Integer32):
            return int(value)
        if isinstance(value, OctetString):
            return bytes(value)
        self._refused("wrong-type", f"{type(value).__name__} for {oid}")
        raise DeviceError(f"{self.name} answers {oid} with a {type(value).__name__}")

    # --- called by the transport -----------------------------------------------------------------

    def note_sent(self) -> None:
        """Something went out: an answer that makes the library ask again was of use."""
        self._progress += 1

    def take(self, address: tuple[str, int], datagram: bytes, deliver: Callable[[], None]) -> None:
        """Let the library have a datagram, and see whether it was of any use."""
        if address[:2] != self._target.transport_address:
            self._refused("stranger", f"{len(datagram)} bytes from {address[0]}")
            return
        before = self._progress
        try:
            deliver()
        except Exception as error:  # noqa: BLE001  whatever a datagram makes the library raise: it is a datagram
            self._refused("damaged", type(error).__name__)
            return
        if self._progress == before:
            self._refused("unsolicited", f"{len(datagram)} bytes")

    def _answered(self, *_of_the_library: Any) -> None:
        self._progress += 1


class _Wire(UdpAsyncioTransport):  # type: ignore[misc]  # pysnmp is untyped
    """The library's socket, watched."""

    def __init__(self, session: SnmpSession) -> None:
        super().__init__()
        self._session = session

    def datagram_received(self, datagram: bytes, address: tuple[str, int]) -> None:
        self._session.take(address, datagram, lambda: self._callback_function(self, address, datagram))

    def send_message(self, message: bytes, address: tuple[str, int]) -> None:
        self._session.note_sent()
        super().send_message(message, address)


class _Target(UdpTransportTarget):  # type: ignore[misc]  # pysnmp is untyped
    """The agent's address, reached through a watched socket."""

    session: SnmpSession

    def open_client_mode(self) -> _Wire:
        wire = _Wire(self.session)
        self.transport = wire.open_client_mode(self.iface)
        return wire


def _auth_data(credentials: Community | User) -> Any:
    match credentials:
        case Community(file):
            return CommunityData(_secret(file), mpModel=0)  # noqa: S508  many signs speak nothing newer
        case User(name, auth, auth_file, privacy_file):
            private = privacy_file is not None
            return UsmUserData(
                name,
                _passphrase(auth_file),
                _passphrase(privacy_file) if privacy_file is not None else None,
                authProtocol=_AUTH[auth],
                privProtocol=USM_PRIV_CFB128_AES if private else USM_PRIV_NONE,
            )


def _secret(file: Path) -> str:
    try:
        # Read at every opening, so that a changed secret needs no restart.
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceError(f"cannot read the sign's secret: {error}") from error
    if not secret:
        raise DeviceError(f"{file} is empty: write the sign's secret into it")
    return secret


def _passphrase(file: Path) -> str:
    secret = _secret(file)
    if len(secret) < _SHORTEST_PASSPHRASE:
        raise DeviceError(f"{file}: SNMPv3 wants a passphrase of at least {_SHORTEST_PASSPHRASE} characters")
    return secret
