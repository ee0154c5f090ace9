"""docs/wiring/mqtt.md is true: the real models read its examples, its commands make a working broker."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gate.clock import SystemClock
from gate.settings import MqttSettings, MqttTls
from hardware.emulators.broker import Broker
from hardware.links.contract import (
    Ack,
    Availability,
    BoardState,
    Command,
    DeviceNote,
    IoState,
    parse_topic,
    read_payload,
)
from hardware.links.mqtt import MqttLink
from tests.docs.reading import ROOT, blocks, commands
from tests.hardware.conftest import running_link

DOCUMENT = ROOT / "docs/wiring/mqtt.md"
TEXT = DOCUMENT.read_text()
EXAMPLES = re.findall(r"^`(gate/v1/\S+)`\n\n```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
MODELS: dict[tuple[str, str], type[Any]] = {
    ("io", "state"): IoState,
    ("board", "state"): BoardState,
    **{(device, "availability"): Availability for device in ("io", "board")},
    **{(device, "event"): DeviceNote for device in ("io", "board")},
    **{(device, "cmd"): Command for device in ("io", "board")},
    **{(device, "ack"): Ack for device in ("io", "board")},
}


def test_every_example_has_its_topic_and_every_kind_an_example() -> None:
    """No JSON on the page escapes the test below."""
    assert len(EXAMPLES) == sum(language == "json" for language, _ in blocks(DOCUMENT))
    kinds = {topic.rsplit("/", 1)[1] for topic, _ in EXAMPLES}
    assert kinds == {"state", "availability", "event", "cmd", "ack"}


@pytest.mark.parametrize(("topic", "payload"), EXAMPLES)
def test_an_example_is_what_the_gate_reads(topic: str, payload: str) -> None:
    """Its topic parses, its payload is of the topic's kind, and no field in it is passed over."""
    found = parse_topic(topic)
    assert found is not None
    address, kind = found
    model = MODELS[address.device, kind]
    read = read_payload(model, payload.encode())
    named = set(json.loads(payload))
    assert named <= set(model.model_fields)
    assert read.boot_id


def test_every_reason_to_refuse_is_explained() -> None:
    """What the counter may say stands in the tables, and nothing else does."""
    links = ROOT / "hardware/links"
    gate = "".join((links / name).read_text() for name in ("mqtt.py", "mqtt_device.py", "contract.py"))
    device = (ROOT / "hardware/emulators/mqtt_base.py").read_text()
    at_gate = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', gate))
    at_device = set(re.findall(r'return "([a-z-]+)"', device)) | {"expired"}
    explained_for_gate = _first_column(TEXT.split("## What the gate refuses")[1].split("##")[0])
    explained_for_device = _first_column(
        TEXT.split("### What a device must refuse")[1].split("### The answer")[0]
    )
    assert explained_for_gate == at_gate
    assert explained_for_device == at_device


def _first_column(section: str) -> set[str]:
    cells = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([a-z-]+)`", cell)}


def make_certificates(folder: Path) -> None:
    """What the page's openssl lines make, for loopback."""
    for shown in commands(DOCUMENT):
        if shown.command.startswith("openssl "):
            words = shlex.split(shown.command.replace("10.20.0.1", "127.0.0.1"))
            subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=30)


async def test_the_commands_shown_make_a_broker_the_gate_comes_to(tmp_path: Path) -> None:
    """The page's openssl lines, accounts and rules, with the shipped configuration: connected over TLS."""
    make_certificates(tmp_path)
    shipped = ROOT / "config/mosquitto"
    password = tmp_path / "password"
    password.write_text("open sesame")
    broker = Broker.guarded(
        tmp_path,
        shipped / "mosquitto.conf",
        (shipped / "acl").read_text(),
        {"gate": "open sesame"},
    )
    async with broker:
        settings = MqttSettings(
            host=broker.host,
            port=broker.port,
            username="gate",
            password_file=password,
            tls=MqttTls(ca_file=tmp_path / "mqtt-ca.pem"),
        )
        link = MqttLink(settings, "khanoba", SystemClock())
        async with running_link(link):
            assert link.status == "connected"
