"""The shipped broker configuration on a real mosquitto: each account opens what is its own, and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gate.cli.mqtt import access_rules, account, mqtt_devices
from gate.clock import SystemClock
from gate.config import load_site
from gate.errors import DeviceError
from gate.lanes.commands import RaiseBarrier
from gate.lanes.events import BarrierPosition
from gate.lanes.fitted import LANE
from gate.settings import MqttSettings, MqttTls
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.links.contract import Address, Availability
from hardware.links.mqtt import MqttLink
from hardware.links.mqtt_session import Message, MqttSession, Will
from hardware.links.mqtt_tls import ClientTls
from tests.hardware.broker_certificates import NOW, Authority
from tests.hardware.conftest import HEARTBEAT, LIMIT, running, running_link
from tests.hardware.mqtt_bench import counted, known, refused
from tests.hardware.posted import Posted, eventually

CONFIG = Path(__file__).parents[2] / "config"
SITE = load_site(CONFIG / "production-example.yaml")
DEVICES = list(mqtt_devices(SITE))
LANE_2 = Address(SITE.site, "lane-2", "io")
LANE_3 = Address(SITE.site, "lane-3", "io")


@dataclass
class Guarded:
    """The shipped broker with the example site's accounts; everybody's password is their name backwards."""

    broker: Broker
    tls: MqttTls
    folder: Path

    @asynccontextmanager
    async def client(
        self,
        name: str,
        *filters: str,
        password: str | None = None,
        client_id: str = "any",
        will: Will | None = None,
    ) -> AsyncIterator[tuple[MqttSession, list[Message], list[str]]]:
        """A client of this account: its session, what it hears, and the topics it was denied."""
        heard: list[Message] = []
        denied: list[str] = []
        session = MqttSession(
            self.broker.host,
            self.broker.port,
            client_id,
            heard.append,
            lambda _why: None,
            username=name,
            password=name[::-1] if password is None else password,
            will=will,
            tls=ClientTls.load(self.tls, NOW),
            denied=lambda topic, _why: denied.append(topic),
        )
        await session.open(filters)
        try:
            yield session, heard, denied
        finally:
            await session.close()

    def link(self, name: str = "gate") -> MqttLink:
        """The gate's link, by the gate's own code, in this account."""
        password_file = self.folder / f"password-of-{name.replace('/', '-')}"
        password_file.write_text(name[::-1])
        settings = MqttSettings(
            host=self.broker.host,
            port=self.broker.port,
            username=name,
            password_file=password_file,
            tls=self.tls,
        )
        return MqttLink(settings, SITE.site, SystemClock())

    def device(self) -> MqttIoDevice:
        """lane-2's device, in its account."""
        made = MqttIoDevice(
            self.broker.host, self.broker.port, SITE.site, EmulatedLane("lane-2"), heartbeat=HEARTBEAT
        )
        name = account(made.address)
        made.account, made.tls = (name, name[::-1]), ClientTls.load(self.tls, NOW)
        return made


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    """Running, by config/mosquitto."""
    folder = tmp_path / "broker"
    authority = Authority(folder)
    authority.issue("broker")
    names = ["gate", *(account(device) for device in DEVICES)]
    broker = Broker.guarded(
        folder,
        CONFIG / "mosquitto" / "mosquitto.conf",
        (CONFIG / "mosquitto" / "acl").read_text(),
        {name: name[::-1] for name in names},
    )
    async with broker:
        yield Guarded(broker, MqttTls(ca_file=authority.file), tmp_path)


def test_the_shipped_rules_are_those_made_for_the_example_site() -> None:
    """config/mosquitto/acl is what `gate mqtt acl` prints for config/production-example.yaml."""
    assert (CONFIG / "mosquitto" / "acl").read_text() == access_rules(SITE)
    assert len(DEVICES) == 10


async def test_a_lane_works_under_the_shipped_rules(guarded: Guarded) -> None:
    """Known, raised, told by feedback, and lost by its last will: nothing a device needs is denied."""
    link, device, posted = guarded.link(), guarded.device(), Posted()
    io = MqttLaneIo(link, LANE_2, SystemClock(), fitted=LANE, heartbeat_limit=LIMIT)
    before = refused("denied-by-broker")
    async with running_link(link), device, running(io, posted):
        await posted.until(lambda: known(posted))
        await io.raise_barrier(RaiseBarrier("release-1"))
        await posted.until(lambda: posted.barrier is BarrierPosition.UP)
        device.lane.unplug()
        await posted.until(lambda: posted.faulted)
    assert refused("denied-by-broker") == before


async def test_nobody_comes_in_without_the_account_s_password(guarded: Guarded) -> None:
    """No name, a wrong password and an unknown name are all refused."""
    for name, password in (("", ""), ("gate", "sesame"), ("khanoba/lane-9/io", "oi/9-enal/abonahk")):
        with pytest.raises(DeviceError, match=r"refuses us: Not authorized"):
            async with guarded.client(name, password=password):
                pass


@pytest.mark.parametrize("kind", ["state", "availability", "event", "ack", "cmd"])
async def test_a_leaked_device_password_opens_that_device_alone(guarded: Guarded, kind: str) -> None:
    """With lane-3's password: no command to anybody, and not a word in lane-2's name."""
    async with (
        guarded.client("gate", "gate/#") as (_, at_gate, _),
        guarded.client(account(LANE_2), LANE_2.topic("cmd")) as (_, at_device, _),
        guarded.client(account(LANE_3), "#", "gate/v1/+/+/+/cmd") as (leaked, overheard, denied),
    ):
        forbidden = [f"gate/v1/{SITE.site}/lane-2/io/{kind}", f"gate/v1/{SITE.site}/lane-3/board/{kind}"]
        if kind == "cmd":
            forbidden.append(LANE_3.topic("cmd"))
        for topic in forbidden:
            leaked.publish(topic, b"{}", expiry=2)
        leaked.publish(LANE_3.topic("event"), b"its own")
        await eventually(lambda: LANE_3.topic("event") in [message.topic for message in at_gate])
        await eventually(lambda: denied == forbidden)
        assert [message.topic for message in at_gate] == [LANE_3.topic("event")]
        assert at_device == []
        assert overheard == []  # not its own event either (no local), and nobody else's


async def test_a_device_hears_its_own_commands_only(guarded: Guarded) -> None:
    """The gate commands every device; each hears what is for it."""
    async with (
        guarded.client("gate") as (gate, _, denied),
        guarded.client(account(LANE_2), "gate/#") as (_, at_2, _),
        guarded.client(account(LANE_3), "gate/#") as (_, at_3, _),
    ):
        for device in (LANE_2, LANE_3):
            gate.publish(device.topic("cmd"), b"{}", expiry=2)
        await eventually(lambda: bool(at_2 and at_3))
        assert [message.topic for message in (*at_2, *at_3)] == [LANE_2.topic("cmd"), LANE_3.topic("cmd")]
        gate.publish(LANE_2.topic("state"), b"{}")  # nor may the gate speak for a device
        await eventually(lambda: denied == [LANE_2.topic("state")])


async def test_a_last_will_in_another_s_name_is_not_told(guarded: Guarded) -> None:
    """lane-3's account cannot have lane-2 declared offline by dying; its own will is told."""
    offline = Availability(boot_id="b", state="offline").dump()
    async with guarded.client("gate", "gate/#") as (_, at_gate, _):
        for device in (LANE_2, LANE_3):
            will = Will(device.topic("availability"), offline)
            async with guarded.client(account(LANE_3), will=will) as (dying, _, _):
                await dying.close(abruptly=True)
        await eventually(lambda: bool(at_gate))
        assert [message.topic for message in at_gate] == [LANE_3.topic("availability")]


async def test_a_client_cannot_throw_out_another_by_taking_its_name(guarded: Guarded) -> None:
    """lane-3's account under the gate's client id: the gate stays connected."""
    link = guarded.link()
    async with running_link(link), guarded.client(account(LANE_3), client_id=f"gate-{SITE.site}"):
        session = link._session
        async with guarded.client(account(LANE_2)) as (device, _, _):
            before = refused("unknown-device")
            device.publish(LANE_2.topic("event"), b"{}")
            await counted("unknown-device", before)
        assert link._session is session


async def test_a_gate_in_a_wrong_account_is_told_so(guarded: Guarded) -> None:
    """A command the broker does not take is counted, and the lane hears that it failed."""
    link, device, posted = guarded.link(account(LANE_3)), guarded.device(), Posted()
    async with running_link(link), device:
        before = refused("denied-by-broker")
        link.publish(LANE_2.topic("cmd"), b"{}", expiry=2)
        await counted("denied-by-broker", before)
    assert device.commands == []
    assert posted.events == []
