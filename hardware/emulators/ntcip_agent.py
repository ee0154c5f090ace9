"""The SNMP half of an emulated road sign: a real agent on a UDP port, all versions, on pysnmp's engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pysnmp.carrier.asyncio.dgram.udp import DOMAIN_NAME, UdpAsyncioTransport
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413.cmdrsp import CommandResponderBase
from pysnmp.entity.rfc3413.context import SnmpContext
from pysnmp.proto.api import v2c
from pysnmp.proto.rfc1902 import Integer32, OctetString
from pysnmp.proto.rfc1905 import GetRequestPDU, SetRequestPDU, noSuchObject

Value = int | bytes
GEN_ERR, WRONG_VALUE, NOT_WRITABLE = 5, 10, 17
"""SNMPv2's words; version 1's are made of them."""

_MIB = "__SNMP-USER-BASED-SM-MIB"
_WRONG = (
    ("__SNMPv2-MIB", "snmpInBadCommunityNames"),
    (_MIB, "usmStatsUnknownUserNames"),
    (_MIB, "usmStatsWrongDigests"),
    (_MIB, "usmStatsUnsupportedSecLevels"),
    (_MIB, "usmStatsDecryptionErrors"),
)


@dataclass(frozen=True, slots=True)
class AgentUser:
    """An SNMPv3 user the agent knows; SHA-256, and AES-128 where there is a privacy passphrase."""

    name: str
    auth: str
    privacy: str | None = None


class SetRefusedError(Exception):
    """A set that is not done; `status` as SNMPv2 numbers it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"SNMP error {status}")
        self.status = status


class Objects(Protocol):
    """What the agent serves."""

    @property
    def silent(self) -> bool:
        """It hears nothing and says nothing."""
        ...

    def get(self, oid: str) -> Value | None:
        """The value, or None where there is no such object."""
        ...

    def set(self, oid: str, value: Value) -> None:
        """Do it, or SetRefusedError."""
        ...


Distortion = Callable[[bytes], Sequence[bytes]]
"""What an outgoing datagram becomes on the wire."""


class NtcipAgent:
    """Serves `objects` between start and stop, on one port for all its life."""

    def __init__(
        self, objects: Objects, community: str, user: AgentUser | None, host: str, port: int
    ) -> None:
        self._objects = objects
        self._community = community
        self._user = user
        self._engine: Any = None
        self._wire: Any = None
        self.host = host
        self.port = port
        """0 until it first listened, where any would do."""
        self.distort: Distortion | None = None

    @property
    def wrong_credentials(self) -> int:
        """Requests with a wrong community, user or passphrase."""
        if self._engine is None:
            return 0
        return sum(int(self._counter(*where).syntax) for where in _WRONG)

    async def start(self) -> None:
        """Listen."""
        engine = self._engine = SnmpEngine()
        self._wire = _Wire(self).open_server_mode((self.host, self.port))
        config.add_transport(engine, DOMAIN_NAME, self._wire)
        await self._wire.listening()
        self.port = self._wire.transport.get_extra_info("sockname")[1]
        config.add_v1_system(engine, "area", self._community)
        if self._user is not None:
            private = self._user.privacy is not None
            config.add_v3_user(
                engine,
                self._user.name,
                config.USM_AUTH_HMAC192_SHA256,
                self._user.auth,
                config.USM_PRIV_CFB128_AES if private else config.USM_PRIV_NONE,
                self._user.privacy,
            )
        _Responder(engine, SnmpContext(engine), self._objects)

    async def stop(self) -> None:
        """Listen no more."""
        engine, self._engine = self._engine, None
        if engine is not None:
            ticking = engine.transport_dispatcher.loopingcall
            engine.close_dispatcher()
            await asyncio.wait([ticking])

    def booted(self) -> None:
        """It started anew: SNMPv3 managers have to notice that its clock did too."""
        if self._engine is not None:
            boots = self._counter("__SNMP-FRAMEWORK-MIB", "snmpEngineBoots")
            boots.syntax += 1

    def say(self, datagram: bytes, address: tuple[str, int]) -> None:
        """Send a datagram nobody asked for."""
        self._wire.transport.sendto(datagram, address)

    @property
    def asked_from(self) -> tuple[str, int] | None:
        """Who asked last."""
        found: tuple[str, int] | None = self._wire.asked_from
        return found

    def _counter(self, module: str, name: str) -> Any:
        (symbol,) = self._engine.get_mib_builder().import_symbols(module, name)
        return symbol

    def heard_nothing(self) -> bool:
        """Whether the sign is cut off or mute."""
        return self._objects.silent


class _Wire(UdpAsyncioTransport):  # type: ignore[misc]  # pysnmp is untyped
    """The agent's socket, with what can befall a datagram."""

    def __init__(self, agent: NtcipAgent) -> None:
        super().__init__()
        self._agent = agent
        self.asked_from: tuple[str, int] | None = None

    async def listening(self) -> None:
        await self._lport

    def datagram_received(self, datagram: bytes, address: tuple[str, int]) -> None:
        self.asked_from = address
        if not self._agent.heard_nothing():
            super().datagram_received(datagram, address)

    def send_message(self, message: bytes, address: tuple[str, int]) -> None:
        if self._agent.heard_nothing():
            return
        for datagram in self._agent.distort(message) if self._agent.distort else [message]:
            super().send_message(datagram, address)


class _Responder(CommandResponderBase):  # type: ignore[misc]  # pysnmp is untyped
    """Get and set, nothing else: an agent has more, a sign's driver needs no more."""

    SUPPORTED_PDU_TYPES = (GetRequestPDU.tagSet, SetRequestPDU.tagSet)

    def __init__(self, engine: Any, context: Any, objects: Objects) -> None:
        super().__init__(engine, context)
        self._objects = objects

    def handle_management_operation(self, engine: Any, reference: Any, _context: Any, pdu: Any) -> None:
        binds = v2c.apiPDU.get_varbinds(pdu)
        if pdu.tagSet == GetRequestPDU.tagSet:
            found = [(name, _wrapped(self._objects.get(str(name)))) for name, _ in binds]
            self.send_varbinds(engine, reference, 0, 0, found)
            return
        for index, (name, value) in enumerate(binds, start=1):
            plain = int(value) if isinstance(value, Integer32) else bytes(value)
            try:
                self._objects.set(str(name), plain)
            except SetRefusedError as refusal:
                self.send_varbinds(engine, reference, refusal.status, index, binds)
                return
        self.send_varbinds(engine, reference, 0, 0, binds)


def _wrapped(value: Value | None) -> Any:
    if value is None:
        return noSuchObject
    return Integer32(value) if isinstance(value, int) else OctetString(value)
