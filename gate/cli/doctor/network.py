"""Do the site's neighbours answer? Broker, central (and its clock), cameras."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
from paho.mqtt.client import Client, ConnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gate.cli.doctor.check import Check, fail, ok, warn
from gate.cli.status import ask_health
from gate.errors import DeviceError
from gate.settings import MjpegCamera, ModbusTcp, MqttSettings, RtspCamera, SiteSettings
from hardware.cameras.catalogue import build_camera
from hardware.links.mqtt_tls import ClientTls

_PATIENCE = 3.0
_LOOK_SECONDS = 0.02
_APART_NOTED = 5.0
_APART_WRONG = 60.0
"""Seconds between central's clock and ours; a lead time (2.2) runs from central's to ours."""
_SERVER_ERROR = 500


def check_network(settings: SiteSettings) -> Iterator[Check]:
    """Every neighbour the site's configuration names."""
    if settings.mqtt is not None:
        # Where accounts are the clients' names, logging in would throw the running gate out.
        yield ask_gate(settings) or check_broker(settings.mqtt)
    if settings.central is None:
        yield warn("central", "not configured", "add a central: section, or every vehicle is held")
    else:
        yield from check_central(settings.central.url)
    boards: dict[tuple[str, int], str] = {}
    for point in settings.points:
        if isinstance(point.io, ModbusTcp):
            boards.setdefault((point.io.host, point.io.port), f"{point.name} io")
        if isinstance(point.camera, MjpegCamera | RtspCamera):
            yield check_camera(f"{point.name} camera", point.camera)
    for (host, port), name in boards.items():
        yield check_modbus(name, host, port)


def ask_gate(settings: SiteSettings) -> Check | None:
    """The broker, by the word of the gate that runs here and is connected to it; else None."""
    told, _ = ask_health(settings)
    if told is None or (told.get("site"), told.get("broker")) != (settings.site, "connected"):
        return None
    return ok("broker", "the gate that runs here is connected to it")


def check_broker(mqtt: MqttSettings) -> Check:
    """The broker takes our connection and our password, over TLS where that is configured."""
    place = f"{mqtt.host}:{mqtt.port}"
    answered = threading.Event()
    refusals: list[str] = []

    def connected(
        _client: Client, _data: object, _flags: ConnectFlags, reason: ReasonCode, _props: Properties | None
    ) -> None:
        if reason.is_failure:
            refusals.append(str(reason))
        answered.set()

    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.connect_timeout = _PATIENCE
    client.on_connect = connected
    tls = None
    try:
        if mqtt.username is not None:
            password = mqtt.password_file.read_text(encoding="utf-8").strip() if mqtt.password_file else None
            client.username_pw_set(mqtt.username, password)
        if mqtt.tls is not None:
            tls = ClientTls.load(mqtt.tls, datetime.now(UTC))
            client.tls_set_context(tls.context)
        client.connect(mqtt.host, mqtt.port)
        client.loop_start()
        heard = answered.wait(_PATIENCE)
        client.disconnect()
        client.loop_stop()
    except (OSError, UnicodeDecodeError, DeviceError) as error:
        why = tls.explain(error, mqtt.host) if tls and isinstance(error, OSError) else error
        return fail("broker", f"{place}: {why}", "start mosquitto, or correct mqtt: in the configuration")
    if not heard:
        what = tls.hung_up() if tls else "it does not speak MQTT 5 there, or only over TLS"
        return fail("broker", f"{place} does not answer: {what}", "put mosquitto 2 or newer there")
    if refusals:
        return fail("broker", f"{place} refuses us: {refusals[0]}", "check username and password_file")
    if tls is None and mqtt.username is not None and not stays_here(mqtt.host):
        return warn("broker", f"{place}: passwords and commands travel in the clear", "configure mqtt.tls")
    return ok("broker", place)


def stays_here(host: str) -> bool:
    """Whether what is sent to this host leaves the machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_modbus(name: str, host: str, port: int) -> Check:
    """The board's socket opens. Nothing is asked: a board may have room for one master only."""
    place = f"{host}:{port}"
    try:
        with socket.create_connection((host, port), timeout=_PATIENCE):
            return ok(name, place)
    except OSError as error:
        said = error.strerror or str(error) or type(error).__name__
        return fail(
            name, f"{place}: {said}", "look at the board's power, cable and address; or the gate has it"
        )


def check_central(url: str) -> Iterator[Check]:
    """Central answers at all, and its clock and ours agree. What it answers is gate.sync's business."""
    try:
        answer = httpx2.get(url, timeout=_PATIENCE)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        said = str(error) or type(error).__name__
        yield fail("central", f"{url}: {said}", "check the line and central.url; meanwhile the cache ages")
        return
    if answer.status_code >= _SERVER_ERROR:
        yield warn("central", f"{url} answers HTTP {answer.status_code}", "tell central's operators")
    else:
        yield ok("central", url)
    yield check_apart(answer.headers.get("date", ""), datetime.now(UTC))


def check_apart(date_header: str, now: datetime) -> Check:
    """How far apart central's clock and ours are, from the Date of its answer (whole seconds)."""
    try:
        theirs = parsedate_to_datetime(date_header)
    except ValueError:
        return warn("clocks", "central does not tell its time", "compare the clocks by hand")
    theirs = theirs.replace(tzinfo=theirs.tzinfo or UTC)  # "-0000": UTC, of no known place
    apart = (now - theirs).total_seconds()
    found = f"this machine is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} central"
    if abs(apart) > _APART_WRONG:
        advice = (
            "set this machine's clock by NTP: beyond policy.clock_max_offset_seconds every vehicle is held"
        )
        return fail("clocks", found, advice)
    if abs(apart) > _APART_NOTED:
        return warn("clocks", found, "set this machine's clock by NTP")
    return ok("clocks", "this machine's and central's agree")


def check_camera(name: str, settings: MjpegCamera | RtspCamera) -> Check:
    """The camera lets us in and sends a picture we can decode: asked by the driver the gate uses."""
    camera = build_camera(settings)
    camera.start()
    end = time.monotonic() + _PATIENCE
    try:
        while (frame := camera.latest(0)) is None and time.monotonic() < end:
            time.sleep(_LOOK_SECONDS)
        if frame is None:
            advice = "look at the camera's power, cable, address and password; see docs/wiring/cameras.md"
            return fail(name, camera.fault or "pictures come, but none can be decoded", advice)
    finally:
        camera.stop()
    height, width = frame.image.shape[:2]
    return ok(name, f"{settings.url.split('?')[0]}: {width}x{height}")
