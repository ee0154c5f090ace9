"""The site's one MQTT client, shared by all its devices: connects, reconnects, sorts, refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from prometheus_client import Counter

from gate.clock import Clock
from gate.errors import DeviceError
from gate.settings import MqttSettings
from hardware.links.backoff import Backoff
from hardware.links.contract import (
    FAMILY,
    MAX_PAYLOAD_BYTES,
    Address,
    Kind,
    names_other_version,
    parse_topic,
)
from hardware.links.mqtt_session import Message, MqttSession
from hardware.links.mqtt_tls import ClientTls

log = structlog.get_logger()

REFUSED = Counter("gate_mqtt_refused_total", "MQTT messages refused, by reason", ["reason"])

STEADY_SECONDS = 5.0
"""A connection that held this long was a good one: the next try after it is not put off."""
_LOG_SECONDS = 10.0
_LOGGED_TOPICS = 500

Heard = Callable[[Kind, bytes, bool], None]
"""(kind, payload, retained)"""
Availability = Callable[[bool, str], None]
"""(available, why not)"""


class MqttLink:
    """Run it once beside the devices. Everything it calls back happens on the loop's thread.

    While the broker is away nothing is queued: publishing raises DeviceError, and whatever was
    unacknowledged when it went dies with the connection (see mqtt_session).
    """

    def __init__(
        self, settings: MqttSettings, site: str, clock: Clock, *, client_id: str | None = None
    ) -> None:
        """`client_id` is another's than the daemon's: the broker lets only one of a name stay."""
        self._settings = settings
        self._client_id = client_id or f"gate-{site}"
        self._site = site
        self._clock = clock
        self._devices: dict[Address, Heard] = {}
        self._watchers: list[Availability] = []
        self._session: MqttSession | None = None
        self._ended = asyncio.Event()
        self._connecting = f"broker {settings.host}:{settings.port} has not answered yet"
        self._reason = self._connecting
        self._since = clock.now().utc
        self._logged: dict[tuple[str, str], float] = {}

    @property
    def available(self) -> bool:
        """The broker is connected and subscribed to."""
        return self._session is not None

    @property
    def status(self) -> str:
        """For the console: "connected", or since when the broker is away."""
        if self.available:
            return "connected"
        return f"away since {self._since.isoformat(timespec='seconds')}"

    @property
    def reason(self) -> str:
        """Why the broker is away; empty while it is connected."""
        return self._reason

    async def run(self) -> None:
        """Hold the connection until cancelled."""
        backoff = Backoff()
        try:
            while True:
                self._ended.clear()
                try:
                    session = await self._connect()
                except DeviceError as error:
                    self._away(str(error))
                else:
                    self._here(session)
                    since = self._clock.now().mono
                    await self._ended.wait()
                    self._session = None
                    await session.close()
                    self._away(self._reason)
                    # A broker that takes us only to drop us is not to be asked ten times a second.
                    if self._clock.now().mono - since >= STEADY_SECONDS:
                        backoff.reset()
                await self._clock.sleep(backoff.next())
        finally:
            session_left, self._session = self._session, None
            if session_left is not None:
                await session_left.close()

    def attend(self, address: Address, heard: Heard, availability: Availability) -> Callable[[], None]:
        """Hear one device's topics and the broker's comings and goings; call the result to stop.

        One attendant a device: two drivers for the same device are a mistake in the making.
        """
        if address in self._devices:
            raise ValueError(f"{address.topic('state')} already has a driver")
        self._devices[address] = heard
        self._watchers.append(availability)

        def leave() -> None:
            self._devices.pop(address, None)
            self._watchers.remove(availability)

        return leave

    def publish(self, topic: str, payload: bytes, *, expiry: int) -> None:
        """Send at QoS 1, never retained, living `expiry` seconds at the broker."""
        if self._session is None:
            raise DeviceError(f"the broker is away: {self._reason}")
        self._session.publish(topic, payload, expiry=expiry)

    def refuse(self, reason: str, topic: str, detail: str = "") -> None:
        """Count a message that cannot be used; logged at most every ten seconds per topic and reason."""
        REFUSED.labels(reason).inc()
        now = self._clock.now().mono
        if len(self._logged) > _LOGGED_TOPICS:  # somebody invents topics: start the list anew
            self._logged.clear()
        if now - self._logged.get((reason, topic), -_LOG_SECONDS) >= _LOG_SECONDS:
            self._logged[reason, topic] = now
            log.warning("mqtt.message_refused", reason=reason, topic=topic, detail=detail)

    async def _connect(self) -> MqttSession:
        settings = self._settings
        password = None
        if settings.password_file is not None:
            try:
                # Read at every connect, so that a changed password needs no restart.
                password = settings.password_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise DeviceError(f"cannot read the broker's password file: {error}") from error
        tls = None
        if settings.tls is not None:  # read at every connect too: certificates are renewed
            try:
                tls = ClientTls.load(settings.tls, self._clock.now().utc)
            except DeviceError as error:
                raise DeviceError(f"broker {settings.host}:{settings.port}: {error}") from error
        session = MqttSession(
            settings.host,
            settings.port,
            self._client_id,
            self._hear,
            self._lost,
            username=settings.username,
            password=password,
            tls=tls,
            denied=self._denied,
        )
        # Everything there is, not just our devices: a device with a mistyped lane or site or of another
        # version, or a stranger who publishes commands, is refused aloud instead of passing unseen.
        await session.open([f"{FAMILY}/#"])
        return session

    def _denied(self, topic: str, why: str) -> None:
        self.refuse("denied-by-broker", topic, f"the broker does not let us publish: {why}; look at its ACL")

    def _hear(self, message: Message) -> None:
        where = parse_topic(message.topic)
        if where is None:
            other = names_other_version(message.topic)
            self.refuse("wrong-version" if other else "unknown-topic", message.topic[:200])
            return
        address, kind = where
        device = self._devices.get(address)
        if len(message.payload) > MAX_PAYLOAD_BYTES:
            self.refuse("too-large", message.topic, f"{len(message.payload)} bytes")
        elif address.site != self._site:
            self.refuse("wrong-site", message.topic)
        elif kind == "cmd" and message.retained:
            # It waits for every device that subscribes. mosquitto_pub -r -n -t TOPIC takes it away.
            self.refuse("retained-command", message.topic, "a command lies retained at the broker: clear it")
        elif kind == "cmd":
            self.refuse("foreign-command", message.topic, "somebody else commands our devices")
        elif device is None:
            self.refuse("unknown-device", message.topic)
        else:
            device(kind, message.payload, message.retained)

    def _here(self, session: MqttSession) -> None:
        self._session = session
        self._reason = ""
        log.info("mqtt.connected", broker=f"{self._settings.host}:{self._settings.port}")
        for watcher in list(self._watchers):
            watcher(True, "")

    def _lost(self, reason: str) -> None:
        if self._session is not None:
            self._session = None
            self._note_away(reason)
        self._ended.set()

    def _away(self, reason: str) -> None:
        if self._reason != reason:
            self._note_away(reason)

    def _note_away(self, reason: str) -> None:
        # "away since" counts from the first failure, whatever the reasons of later attempts.
        if not self._reason or self._reason == self._connecting:
            self._since = self._clock.now().utc
        self._reason = reason
        log.warning("mqtt.away", reason=reason)
        for watcher in list(self._watchers):
            watcher(False, reason)
