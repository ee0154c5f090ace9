"""One MQTT 5 connection, from CONNECT to the end. Never reused.

paho keeps unacknowledged QoS 1 messages in memory and sends them again after *its own* reconnect,
with their expiry counted anew: a raise pulse asked for a minute ago would still be fresh. So a
connection that is lost takes its client, and everything queued in it, with it.
"""

from __future__ import annotations

import asyncio
import socket
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

CONNECT_SECONDS = 3.0
KEEPALIVE_SECONDS = 5
MAX_PACKET_BYTES = 256 * 1024
"""The broker drops larger packets before they reach us."""
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
    """`heard` and `lost` run on the loop's thread; `lost` once, and never after close()."""

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
    ) -> None:
        self._where = f"{host}:{port}"
        self._address = (host, port)
        self._heard = heard
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[str | None] = self._loop.create_future()
        self._subscribed: asyncio.Future[str | None] = self._loop.create_future()
        self._open = False
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
        client.on_socket_open = self._on_socket_open
        if username is not None:
            client.username_pw_set(username, password)
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=True)
        self._client = client

    async def open(self, filters: Sequence[str]) -> None:
        """Connect and subscribe (QoS 1, our own messages left out); DeviceError says why not."""
        properties = _properties(PacketTypes.CONNECT)
        properties.MaximumPacketSize = MAX_PACKET_BYTES
        host, port = self._address
        try:
            await asyncio.to_thread(
                self._client.connect,
                host,
                port,
                keepalive=KEEPALIVE_SECONDS,
                clean_start=True,
                properties=properties,
            )
            self._client.loop_start()
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._answered(self._connected)
                self._open = True
                if filters:
                    options = SubscribeOptions(qos=1, noLocal=True)
                    self._client.subscribe([(name, options) for name in filters])
                    await self._answered(self._subscribed)
        except (OSError, TimeoutError, ValueError, DeviceError) as error:
            await self.close()
            reason = "no answer" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
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

    async def close(self, *, abruptly: bool = False) -> None:
        """End the connection and its thread. `abruptly` pulls the plug, so that the will is published."""
        self._open = False
        self._lost = _nobody
        self._heard = _nobody
        if abruptly:
            link = self._client.socket()
            if isinstance(link, socket.socket):
                with suppress(OSError):  # it may have died before us
                    link.shutdown(socket.SHUT_RDWR)
        else:
            self._client.disconnect()
        await asyncio.to_thread(self._end_thread)

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

    def _end(self, reason: str) -> None:
        was_open, self._open = self._open, False
        for answer in (self._connected, self._subscribed):
            if not answer.done():
                answer.set_result(reason)
        if was_open:
            self._lost(reason)

    # --- on paho's network thread: nothing but handing over to the loop ---------------------------

    def _hand(self, function: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody is left to hear it
            self._loop.call_soon_threadsafe(function, *arguments)

    def _on_connect(
        self, _client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _props: Properties | None
    ) -> None:
        self._hand(_settle, self._connected, str(code) if code.is_failure else None)

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _props: Properties | None
    ) -> None:
        refused = next((str(code) for code in codes if code.is_failure), None)
        self._hand(_settle, self._subscribed, refused and f"subscription refused: {refused}")

    def _on_disconnect(
        self,
        _client: Client,
        _data: Any,
        _flags: DisconnectFlags,
        code: ReasonCode,
        _props: Properties | None,
    ) -> None:
        self._hand(self._end, f"broker {self._where}: {code}")

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


def _nobody(_: object) -> None:
    """Whom a closed session talks to."""
