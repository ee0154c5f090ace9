"""TLS to a real mosquitto: spoken when all is right, and refused in words that name the file when not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gate.cli.doctor.check import Verdict
from gate.cli.doctor.network import check_broker
from gate.clock import SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import RaiseBarrier
from gate.lanes.events import BarrierPosition
from gate.settings import MqttSettings, MqttTls
from hardware.emulators.broker import Broker
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.links.mqtt import MqttLink
from hardware.links.mqtt_tls import ClientTls
from tests.hardware.broker_certificates import LOOPBACK, NOW, Authority
from tests.hardware.conftest import HEARTBEAT, SITE, running, running_link
from tests.hardware.mqtt_bench import known, lane_io
from tests.hardware.posted import Posted, eventually

TLS_BROKER = (
    "user root\nlistener {port} {host}\nallow_anonymous true\npersistence false\n"
    "certfile {folder}/broker.pem\nkeyfile {folder}/broker.key\n"
)
CLIENTS_TOO = "cafile {folder}/test-authority.pem\nrequire_certificate true\n"


@dataclass
class Bench:
    """An authority whose certificates lie in `folder`."""

    folder: Path
    authority: Authority

    def broker(self, extra: str = "") -> Broker:
        """A broker that shows broker.pem."""
        return Broker(self.folder, config=(TLS_BROKER + extra).replace("{folder}", str(self.folder)))

    def settings(self, broker: Broker, **changes: Path) -> MqttSettings:
        """The gate's, believing the authority."""
        tls = MqttTls.model_validate({"ca_file": self.authority.file} | changes)
        return MqttSettings(host=broker.host, port=broker.port, tls=tls)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Nothing issued yet."""
    return Bench(tmp_path, Authority(tmp_path))


async def why_not(settings: MqttSettings, named: str) -> str:
    """What the link says when it cannot come to the broker: it must name `named`."""
    link = MqttLink(settings, SITE, SystemClock())
    task = asyncio.create_task(link.run())
    try:
        await eventually(lambda: named in link.reason)
        assert not link.available
        assert not task.done()
        return link.reason
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_lane_works_over_tls_with_certificates_on_both_sides(bench: Bench) -> None:
    """A raise goes out and comes back as a moved barrier; the doctor finds the broker well."""
    bench.authority.issue("broker")
    cert, key = bench.authority.issue("gate")
    async with bench.broker(CLIENTS_TOO) as broker:
        settings = bench.settings(broker, cert_file=cert, key_file=key)
        assert settings.tls is not None
        device = MqttIoDevice(broker.host, broker.port, SITE, EmulatedLane("lane-2"), heartbeat=HEARTBEAT)
        device.tls = ClientTls.load(settings.tls, NOW)
        link = MqttLink(settings, SITE, SystemClock())
        posted = Posted()
        io = lane_io(link)
        async with running_link(link), device, running(io, posted):
            await posted.until(lambda: known(posted))
            await io.raise_barrier(RaiseBarrier("r-1"))
            await posted.until(lambda: posted.barrier is BarrierPosition.UP)
        assert (await asyncio.to_thread(check_broker, settings)).verdict is Verdict.OK


def test_nothing_older_than_tls_1_2_is_spoken(bench: Bench) -> None:
    """The context verifies chain and name, whatever the configuration says."""
    context = ClientTls.load(MqttTls(ca_file=bench.authority.file), NOW).context
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


async def test_a_broker_of_another_authority_is_refused(bench: Bench) -> None:
    """The reason names our ca_file; the doctor says the same."""
    bench.authority.issue("broker")
    other = Authority(bench.folder / "other", "other authority")
    async with bench.broker() as broker:
        settings = bench.settings(broker, ca_file=other.file)
        reason = await why_not(settings, "not signed by the CA")
        assert str(other.file) in reason
        assert f"{broker.host}:{broker.port}" in reason
        check = await asyncio.to_thread(check_broker, settings)
        assert check.verdict is Verdict.FAIL
        assert str(other.file) in check.found


@pytest.mark.parametrize(
    ("issue", "said"),
    [
        (lambda a: a.issue("broker", until=timedelta(hours=-1)), "has expired: renew the broker's certfile"),
        (lambda a: a.issue("broker", since=timedelta(days=1)), "is not valid yet"),
        (lambda a: a.issue("broker", host="broker.example.az"), f"is not for {LOOPBACK}: correct host"),
        (lambda a: a.issue("broker", host="10.1.2.3"), f"is not for {LOOPBACK}: correct host"),
    ],
    ids=["expired", "not yet valid", "another name", "another address"],
)
async def test_a_broker_with_a_wrong_certificate_is_refused(
    bench: Bench, issue: Callable[[Authority], object], said: str
) -> None:
    """Expired, too early or somebody else's: which, and what to change."""
    issue(bench.authority)
    async with bench.broker() as broker:
        await why_not(bench.settings(broker), said)


async def test_a_broker_that_wants_a_certificate_we_do_not_have(bench: Bench) -> None:
    """TLS 1.3 tells this after the handshake: the reason guesses it, and names the keys to set."""
    bench.authority.issue("broker")
    stranger = Authority(bench.folder / "other", "other authority")
    async with bench.broker(CLIENTS_TOO) as broker:
        await why_not(bench.settings(broker), "may want a client certificate: name tls.cert_file")
        cert, key = stranger.issue("gate")
        settings = bench.settings(broker, cert_file=cert, key_file=key)
        await why_not(settings, f"may not accept our certificate {cert}")


async def test_tls_to_a_port_without_and_none_to_a_port_with(bench: Bench, broker: Broker) -> None:
    """Both mistakes are told as what they are."""
    bench.authority.issue("broker")
    await why_not(bench.settings(broker), "TLS")
    async with bench.broker() as secured:
        await why_not(MqttSettings(host=secured.host, port=secured.port), "configure mqtt.tls")


@pytest.mark.parametrize(
    ("spoil", "key", "said"),
    [
        (lambda path: path.unlink(), "ca_file", "cannot be read"),
        (lambda path: path.write_text("no PEM"), "ca_file", "holds no PEM certificate"),
        (lambda path: path.write_text("no PEM"), "cert_file", "holds no PEM certificate"),
        (lambda path: path.unlink(), "key_file", "cannot be read"),
        (lambda path: path.write_text("no PEM"), "key_file", "holds no key that can be used"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    bench: Bench, spoil: Callable[[Path], object], key: str, said: str
) -> None:
    """Missing or not PEM: the key in the configuration, the file, and what is wrong with it."""
    cert, key_file = bench.authority.issue("gate")
    files = {"ca_file": bench.authority.file, "cert_file": cert, "key_file": key_file}
    spoil(files[key])
    with pytest.raises(DeviceError) as refused:
        ClientTls.load(MqttTls.model_validate(files), NOW)
    assert f"tls.{key}" in str(refused.value)
    assert str(files[key]) in str(refused.value)
    assert said in str(refused.value)


def test_own_files_that_expired_or_do_not_match_are_named(bench: Bench) -> None:
    """Told before connecting, since the broker would only hang up."""
    cert, _ = bench.authority.issue("gate")
    _, other_key = bench.authority.issue("other")
    mixed = MqttTls(ca_file=bench.authority.file, cert_file=cert, key_file=other_key)
    with pytest.raises(DeviceError, match=r"other\.key does not belong to tls\.cert_file .*gate\.pem"):
        ClientTls.load(mixed, NOW)
    with pytest.raises(DeviceError, match=r"tls\.ca_file .* expired on"):
        ClientTls.load(MqttTls(ca_file=bench.authority.file), NOW + timedelta(days=31))
    with pytest.raises(DeviceError, match=r"is not valid before .* look at the clock"):
        ClientTls.load(MqttTls(ca_file=bench.authority.file), NOW - timedelta(days=31))


def test_a_key_without_its_certificate_is_refused(tmp_path: Path) -> None:
    """A configuration that names key_file alone is a mistake."""
    with pytest.raises(ValueError, match="key_file without cert_file"):
        MqttTls(ca_file=tmp_path / "ca.pem", key_file=tmp_path / "gate.key")
