"""`gate doctor`: a healthy site, and each ailment with what to do about it."""

from __future__ import annotations

import base64
import fcntl
import os
import pty
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gate.cli.doctor.check import Verdict
from gate.cli.doctor.files import (
    check_camera_files,
    check_capture,
    check_key,
    check_photographs,
    check_secret_text,
    check_serial,
)
from gate.cli.doctor.machine import (
    check_battery_clock,
    check_clock,
    check_disk,
    check_packages,
    check_program,
    check_python,
    check_sqlite,
    check_wal,
)
from gate.sealing.keys import load_site_private, make_central_keys, make_signing_keys, make_site_keys
from gate.settings import MjpegCamera, VideoFileCamera
from tests.cli.calling import gate

SITE = """
site: samur
data: {data}
keys: {{site_private: site.key, central_public: central.pub}}
console: {{host: 127.0.0.1, port: 8441}}
kiosk: {{host: 127.0.0.1, port: 8442}}
policy: {{version: "1"}}
points:
  - {{name: exit-1, label: X, kind: exit, hard_wired: [safety], io: {{driver: modbus-rtu, port: {port}}}}}
"""


@pytest.fixture
def serial() -> Iterator[Path]:
    """A serial port: the far end of a pseudo-terminal pair."""
    near, far = pty.openpty()
    yield Path(os.ttyname(far))
    os.close(near)
    os.close(far)


@pytest.fixture
def site(tmp_path: Path, serial: Path) -> Path:
    """A small site with everything it needs."""
    make_site_keys(tmp_path / "site.key", tmp_path / "site.pub")
    make_central_keys(tmp_path / "central.key", tmp_path / "central.pub")
    file = tmp_path / "site.yaml"
    file.write_text(SITE.format(data=tmp_path, port=serial))
    return file


def spoil(file: Path, old: str, new: str) -> None:
    """Exchange a part of the file."""
    file.write_text(file.read_text().replace(old, new))


async def test_a_healthy_site(site: Path) -> None:
    """Nothing fails: exit 0, and every check says what it found."""
    spoken, told = await gate("doctor", "-c", site), await gate("doctor", "-c", site, "--json")
    assert (spoken.code, told.code) == (0, 0), spoken.out
    assert told.told["ok"] is True
    verdicts = {check["name"]: check["verdict"] for check in told.told["checks"]}
    wanted = "python sqlite packages disk configuration"
    assert all(verdicts[name] == "ok" for name in [*wanted.split(), "site key", "central's key", "exit-1 io"])
    assert "0 fail" in spoken.out


async def test_a_signing_key_is_looked_at(site: Path, tmp_path: Path) -> None:
    """None is a warning with what to do; one that is named is read as the daemon reads it."""
    none = await gate("doctor", "-c", site, "--json")
    (check,) = [check for check in none.told["checks"] if check["name"] == "signing key"]
    assert (check["verdict"], "gate journal key" in check["advice"]) == ("warn", True)
    make_signing_keys(tmp_path / "signing.key", tmp_path / "signing.pub")
    spoil(site, "central.pub}", "central.pub, site_signing: signing.key}")
    for mode, verdict in ((0o600, "ok"), (0o644, "fail")):
        (tmp_path / "signing.key").chmod(mode)
        told = await gate("doctor", "-c", site, "--json")
        (check,) = [check for check in told.told["checks"] if check["name"] == "signing key"]
        assert check["verdict"] == verdict


async def test_a_demo_site_is_told(site: Path) -> None:
    """A site whose barriers may be wired any way is a warning to whoever stands at a real one."""
    spoil(site, "site: samur", "site: samur\nmode: demo")
    done = await gate("doctor", "-c", site, "--json")
    (check,) = (check for check in done.told["checks"] if check["name"] == "configuration")
    assert check["verdict"] == "warn"
    assert "hard_wired" in check["advice"]


async def test_an_ailing_site(site: Path) -> None:
    """What fails is said with advice, and the exit code tells scripts."""
    (site.parent / "site.key").chmod(0o644)
    (site.parent / "central.pub").unlink()
    spoken, told = await gate("doctor", "-c", site), await gate("doctor", "-c", site, "--json")
    assert (spoken.code, told.code) == (1, 1)
    failed = {check["name"] for check in told.told["checks"] if check["verdict"] == "fail"}
    assert failed == {"site key", "central's key"}
    assert f"chmod 600 {site.parent}/site.key" in spoken.out
    assert all(check["advice"] for check in told.told["checks"] if check["verdict"] != "ok")


async def test_a_broken_configuration_is_one_failure(site: Path) -> None:
    """The machine is examined all the same."""
    spoil(site, "port: 8441", "port: 0")
    done = await gate("doctor", "-c", site, "--json")
    assert done.code == 1
    verdicts = {check["name"]: check for check in done.told["checks"]}
    assert verdicts["configuration"]["verdict"] == "fail"
    assert "console.port" in verdicts["configuration"]["found"]
    assert "python" in verdicts


async def test_without_a_site(tmp_path: Path) -> None:
    """Only the machine is examined, and that is a warning."""
    done = await gate("doctor", "--json", cwd=tmp_path)
    last = done.told["checks"][-1]
    assert (done.code, last["name"], last["verdict"]) == (0, "configuration", "warn")


def test_old_versions_fail() -> None:
    """An interpreter or SQLite that cannot carry the gate."""
    assert check_python((3, 10, 12)).verdict is Verdict.FAIL
    assert check_python((3, 11, 0)).verdict is Verdict.OK
    assert check_sqlite((3, 31, 1)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("no-such-package-here>=1", "no-such-package-here is not installed"),
        ("pydantic>=999", "wanted >=999"),
        ("pymodbus==1.0", "wanted ==1.0"),
        ("pydantic>=2.14", ""),
        ("pymodbus==3.16.1", ""),
        ("no-such-package-here>=1; extra == 'easyocr'", ""),
    ],
)
def test_packages(requirement: str, said: str) -> None:
    """A package missing or too old is named; what only an extra wants is not."""
    check = check_packages([requirement])
    assert (check.verdict is Verdict.OK) == (not said)
    assert said in check.found


def test_a_missing_program_says_how_to_install_it() -> None:
    """The advice is a command."""
    assert check_program("no-such-program", "x").advice == "sudo apt-get install no-such-program"


def test_disk_and_folder(tmp_path: Path) -> None:
    """A data folder not made yet is judged by where it will be made; /proc carries no database."""
    assert check_disk(tmp_path / "not" / "yet").found.endswith(f"free at {tmp_path}")
    assert check_wal(tmp_path / "not" / "yet").verdict is Verdict.OK
    assert check_wal(Path("/proc")).verdict is Verdict.FAIL
    assert check_disk(Path("/proc")).verdict is Verdict.FAIL


def test_clock() -> None:
    """A clock from before this program is wrong; one nothing keeps right is a warning."""
    assert check_clock(datetime(1970, 1, 1, tzinfo=UTC), 0).verdict is Verdict.FAIL
    assert check_clock(datetime(2026, 5, 1, tzinfo=UTC), 5).verdict is Verdict.WARN
    assert check_clock(datetime(2026, 5, 1, tzinfo=UTC), 0).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("said", "verdict", "found"),
    [
        (None, Verdict.WARN, "none"),
        ("", Verdict.WARN, "none"),
        ("9" * 30, Verdict.WARN, "none"),
        ("1777593600", Verdict.OK, "2026-05-01"),
        ("1777593540", Verdict.OK, "2026-04-30 23:59"),
        ("1777593539", Verdict.WARN, "61 s from"),
        ("0", Verdict.WARN, "1970-01-01"),
    ],
)
def test_battery_clock(tmp_path: Path, said: str | None, verdict: Verdict, found: str) -> None:
    """A machine without one, or with one that stopped, will not know the time after a power cut."""
    if said is not None:
        (tmp_path / "since_epoch").write_text(said)
    check = check_battery_clock(tmp_path, datetime(2026, 5, 1, tzinfo=UTC))
    assert check.verdict is verdict
    assert found in check.found


@pytest.mark.parametrize(
    ("content", "mode", "verdict", "said"),
    [
        (base64.b64encode(bytes(32)), 0o600, Verdict.OK, "site.key"),
        (base64.b64encode(bytes(31)), 0o600, Verdict.FAIL, "31 bytes"),
        (b"not base64!", 0o600, Verdict.FAIL, "base64"),
        (base64.b64encode(bytes(32)), 0o640, Verdict.FAIL, "mode 0640"),
    ],
)
def test_keys(tmp_path: Path, content: bytes, mode: int, verdict: Verdict, said: str) -> None:
    """A key must be a key, and closed to others."""
    path = tmp_path / "site.key"
    path.write_bytes(content)
    path.chmod(mode)
    check = check_key("site key", path, load_site_private, secret=True)
    assert check.verdict is verdict
    assert said in check.found


def test_a_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not handed to this command it cannot be judged here; handed over it must be there and be a key."""
    named = Path("credential:site.key")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    check = check_key("site key", named, load_site_private, secret=True)
    assert (check.verdict, "was not handed" in check.found) == (Verdict.WARN, True)
    assert "LoadCredentialEncrypted=site.key:" in check.advice
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert check_key("site key", named, load_site_private, secret=True).verdict is Verdict.FAIL
    (tmp_path / "site.key").write_bytes(base64.b64encode(bytes(31)))
    (tmp_path / "site.key").chmod(0o440)  # as systemd's access list shows
    assert "31 bytes" in check_key("site key", named, load_site_private, secret=True).found
    (tmp_path / "site.key").chmod(0o600)
    (tmp_path / "site.key").write_bytes(base64.b64encode(bytes(32)))
    (tmp_path / "site.key").chmod(0o440)
    assert check_key("site key", named, load_site_private, secret=True).verdict is Verdict.OK
    (tmp_path / "site.key").chmod(0o444)
    assert "mode 0444" in check_key("site key", named, load_site_private, secret=True).found


def test_secret_text(tmp_path: Path) -> None:
    """A token file is there, a file, not empty; one that systemd hands over may be absent now."""
    path = tmp_path / "token"
    assert check_secret_text("token", path).verdict is Verdict.FAIL
    path.touch(mode=0o600)
    assert "is empty" in check_secret_text("token", path).found
    assert "is not a file" in check_secret_text("token", tmp_path).found
    handed = check_secret_text("token", Path("/run/credentials/gate.service/no-such"))
    assert handed.verdict is Verdict.WARN


def test_serial_ports(tmp_path: Path, serial: Path) -> None:
    """A port that is there, absent, held by another, or no port at all."""
    assert check_serial("io", serial).verdict is Verdict.OK
    assert check_serial("io", tmp_path / "ttyUSB9").verdict is Verdict.FAIL
    with serial.open("rb", buffering=0) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "in use" in check_serial("io", serial).found
    (tmp_path / "file").touch()
    assert "not a serial port" in check_serial("io", tmp_path / "file").found


def test_capture_devices(tmp_path: Path) -> None:
    """A camera device that is absent, in use, or none at all."""
    assert "not there" in check_capture("camera", tmp_path / "video0").found
    assert "no camera" in check_capture("camera", Path("/dev/null")).found
    (tmp_path / "video1").touch()
    with (tmp_path / "video1").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert check_capture("camera", tmp_path / "video1").verdict is Verdict.WARN


def test_camera_files(tmp_path: Path) -> None:
    """A camera's secrets are closed to others; its certificates and its recording are there."""
    secret, public = tmp_path / "secret", tmp_path / "ca.pem"
    web = MjpegCamera(driver="http-mjpeg", url="https://camera/x", credentials_file=secret, ca_file=public)
    film = VideoFileCamera(driver="video-file", path=public)
    cameras = (web, film)
    missing = [check.verdict for camera in cameras for check in check_camera_files("camera", camera)]
    assert missing == [Verdict.FAIL] * 3
    secret.write_text("root:x")
    secret.chmod(0o644)
    assert "open to others" in next(check_camera_files("camera", web)).found
    secret.chmod(0o600)
    public.touch()
    found = [check.verdict for camera in cameras for check in check_camera_files("camera", camera)]
    assert found == [Verdict.OK] * 3


def test_photographs(tmp_path: Path) -> None:
    """A folder camera without photographs shows nothing."""
    assert check_photographs("camera", tmp_path / "none").verdict is Verdict.FAIL
    assert check_photographs("camera", tmp_path).verdict is Verdict.FAIL
    (tmp_path / "a.JPG").touch()
    assert check_photographs("camera", tmp_path).found.startswith("1 photographs")
