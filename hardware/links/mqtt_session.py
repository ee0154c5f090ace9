"""One MQTT 5 connection, from CONNECT to the end. Never reused.

paho keeps unacknowledged QoS 1 messages in memory and sends them again after *its own* reconnect,
with their expiry counted anew: a raise pulse asked for a minute ago would still be fresh. So a
connection that is lost takes its client, and everything queued in it, with it.

Dialling (names, TCP, the TLS handshake) blocks, and a broken network may hold it for long: it has a
thread of its own that nobody waits for, so that neither the loop's executor nor an ending daemon does.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gate.errors import DeviceError
from hardware.links.mqtt_tls import ClientTls

CONNECT_SECONDS = 2.5
"""For dialling, CONNACK and SUBACK together; less than a heartbeat limit, so that a point whose broker
swallows connections is told so, not merely that nothing was heard."""
KEEPALIVE_SECONDS = 3
"""A half-open connection is given up after two of these at most. Inputs are unknown before that."""
CLOSE_SECONDS = 1.0
MAX_PACKET_BYTES = 256 * 1024
"""The broker drops larger packets before they reach us."""
_TAKEN_OVER = "Session taken over"
MAX_WAITING = 5000
"""Messages handed to the loop and not yet heard; a device that floods loses the rest."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came. `expiry` is what the broker left of its life, in seconds."""

    topic: str
    payload: bytes
    retained: bool
    expiry: int | None


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when the connection dies."""

    topic: str
    payload: bytes


class MqttSession:
    """`heard`, `lost` and `denied` run on the loop's thread; `lost` once, and none after close().

    `denied` gets the topic of a message of ours that the broker did not take, and why.
    """

    def __init__(
        self,
        host: str,
        port: int,
        client_id: str,
        heard: Callable[[Message], None],
        lost: Callable[[str], None],
        *,
        username: str | None = None,
        password: str | None = None,
        will: Will | None = None,
        tls: ClientTls | None = None,
        denied: Callable[[str, str], None] | None = None,
    ) -> None:
        self._where = f"{host}:{port}"
        self._address = (host, port)
        self._client_id = client_id
        self._heard = heard
        self._lost = lost
        self._denied = denied or _nobody
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[str | None] = self._loop.create_future()
        self._subscribed: asyncio.Future[str | None] = self._loop.create_future()
        self._open = False
        self._dialling = threading.Lock()
        self._given_up = False
        self._sent: dict[int, str] = {}
        # Two counters, each written by one thread alone.
        self._received = self._delivered = 0
        self.dropped = 0
        """Messages lost to flooding."""
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5, reconnect_on_failure=False
        )
        client.connect_timeout = CONNECT_SECONDS
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_socket_open = self._on_socket_open
        if tls is not None:
            client.tls_set_context(tls.context)
        if username is not None:
            client.username_pw_set(username, password)
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=True)
        self._client = client

    async def open(self, filters: Sequence[str]) -> None:
        """Connect and subscribe (QoS 1, our own messages left out); DeviceError says why not."""
        threading.Thread(target=self._dial, name=f"dial {self._where}", daemon=True).start()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._answered(self._connected)
                self._open = True
                if filters:
                    options = SubscribeOptions(qos=1, noLocal=True)
                    self._client.subscribe([(name, options) for name in filters])
                    await self._answered(self._subscribed)
        except (TimeoutError, ValueError, DeviceError) as error:
            await self.close()
            reason = f"no answer within {CONNECT_SECONDS:g} s" if isinstance(error, TimeoutError) else error
            raise DeviceError(f"broker {self._where}: {reason}") from error
        except asyncio.CancelledError:
            await self.close()
            raise

    @property
    def is_open(self) -> bool:
        """Connected and not closed."""
        return self._open

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry: int | None = None, qos: int = 1
    ) -> None:
        """Hand a message to the network now; DeviceError when the connection is gone."""
        if not self._open:
            raise DeviceError(f"broker {self._where} is away")
        properties = None
        if expiry is not None:
            properties = _properties(PacketTypes.PUBLISH)
            properties.MessageExpiryInterval = expiry
        info = self._client.publish(topic, payload, qos=qos, retain=retain, properties=properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise DeviceError(f"broker {self._where} is away ({info.rc.name})")
        if qos:
            self._sent[info.mid] = topic  # its PUBACK is handed over to this thread: it cannot be earlier

    async def close(self, *, abruptly: bool = False) -> None:
        """End the connection and its thread. `abruptly` pulls the plug, so that the will is published."""
        self._open = False
        self._lost = self._heard = self._denied = _nobody
        with self._dialling:
            self._given_up = True
        if abruptly:
            self._pull_the_plug()
        else:
            self._client.disconnect()
        # A peer that takes no bytes would keep paho's thread trying to say good-bye.
        plug = self._loop.call_later(CLOSE_SECONDS, self._pull_the_plug)
        try:
            await asyncio.to_thread(self._end_thread)
        finally:
            plug.cancel()

    def _pull_the_plug(self) -> None:
        link = self._client.socket()
        if isinstance(link, socket.socket):
            with suppress(OSError):  # it may have died before us
                # Not SSLSocket's own shutdown, which would have paho's thread read ciphertext as MQTT.
                socket.socket.shutdown(link, socket.SHUT_RDWR)

    def _end_thread(self) -> None:
        # paho forgets its thread as that thread ends; loop_stop may be half-way through using it.
        with suppress(AttributeError):
            self._client.loop_stop()

    async def _answered(self, answer: asyncio.Future[str | None]) -> None:
        reason = await answer
        if reason is not None:
            raise DeviceError(reason)

    def _deliver(self, message: Message) -> None:
        self._delivered += 1
        self._heard(message)

    def _acknowledged(self, mid: int, refused: str | None) -> None:
        topic = self._sent.pop(mid, None)
        if refused is not None and topic is not None:
            self._denied(topic, refused)

    def _end(self, reason: str) -> None:
        was_open, self._open = self._open, False
        for answer in (self._connected, self._subscribed):
            if not answer.done():
                answer.set_result(reason)
        if was_open:
            self._lost(f"broker {self._where}: {reason}")

    # --- on the dialling thread -----------------------------------------------------------------------

    def _dial(self) -> None:
        properties = _properties(PacketTypes.CONNECT)
        properties.MaximumPacketSize = MAX_PACKET_BYTES
        host, port = self._address
        try:
            self._client.connect(
                host, port, keepalive=KEEPALIVE_SECONDS, clean_start=True, properties=properties
            )
        except (OSError, ValueError) as error:
            why = self._tls.explain(error, host) if self._tls and isinstance(error, OSError) else str(error)
            self._hand(_settle, self._connected, why or type(error).__name__)
            return
        with self._dialling:
            if not self._given_up:
                self._client.loop_start()
                return
        self._client.disconnect()  # too late: nobody waits any more

    # --- on paho's network thread: nothing but handing over to the loop ---------------------------

    def _hand(self, function: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody is left to hear it
            self._loop.call_soon_threadsafe(function, *arguments)

    def _on_connect(
        self, _client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _props: Properties | None
    ) -> None:
        refused = f"it refuses us: {code}; look at username and password_file" if code.is_failure else None
        self._hand(_settle, self._connected, refused)

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _props: Properties | None
    ) -> None:
        refused = next((str(code) for code in codes if code.is_failure), None)
        self._hand(_settle, self._subscribed, refused and f"subscription refused: {refused}")

    def _on_disconnect(
        self,
        _client: Client,
        _data: Any,
        flags: DisconnectFlags,
        code: ReasonCode,
        _props: Properties | None,
    ) -> None:
        self._hand(self._end, self._why_ended(flags, code))

    def _why_ended(self, flags: DisconnectFlags, code: ReasonCode) -> str:
        if flags.is_disconnect_packet_from_server:
            taken = code == _TAKEN_OVER
            return (
                f"somebody else came as {self._client_id!r}: a second gate?" if taken else f"it says: {code}"
            )
        if str(code) == "Keep alive timeout":
            return f"silent for {2 * KEEPALIVE_SECONDS} s"
        if self._connected.done():
            return "the connection broke"
        hint = self._tls.hung_up() if self._tls else "if this port wants TLS, configure mqtt.tls"
        return f"it hung up before it answered; {hint}"

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, code: ReasonCode, _props: Properties | None
    ) -> None:
        self._hand(self._acknowledged, mid, str(code) if code.is_failure else None)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if self._received - self._delivered >= MAX_WAITING:
            self.dropped += 1
            return
        self._received += 1
        properties = message.properties
        expiry = getattr(properties, "MessageExpiryInterval", None) if properties else None
        self._hand(self._deliver, Message(message.topic, bytes(message.payload), message.retain, expiry))

    @staticmethod
    def _on_socket_open(_client: Client, _data: Any, link: Any) -> None:
        # A command is one small packet: with Nagle's algorithm it may wait 40 ms for company.
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves this one untyped


def _settle(answer: asyncio.Future[str | None], reason: str | None) -> None:
    if not answer.done():
        answer.set_result(reason)


def _nobody(*_: object) -> None:
    """Whom a closed session talks to."""
