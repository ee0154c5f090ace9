"""Are the site's files there, whole, and closed to others? Keys, token, serial ports, photographs."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from gate.cli.doctor.check import Check, fail, ok, warn
from gate.errors import ConfigError, DeviceError
from gate.sealing.credentials import locate, others_may_not
from gate.sealing.keys import load_central_public, load_site_private
from gate.settings import (
    AlphaSerial,
    Camera,
    FolderCamera,
    MjpegCamera,
    ModbusRtu,
    NtcipBoard,
    RtspCamera,
    SiteSettings,
    V4l2Camera,
    VideoFileCamera,
)
from hardware.cameras.v4l2 import claimed

_UNIT_CREDENTIALS = Path("/run/credentials")


def check_files(settings: SiteSettings) -> Iterator[Check]:
    """Every file the site's configuration names."""
    yield check_key("site key", settings.keys.site_private, load_site_private, secret=True)
    yield check_key("central's key", settings.keys.central_public, load_central_public, secret=False)
    if settings.central is not None:
        yield check_secret_text("central token", settings.central.token_file)
    if settings.mqtt is not None and settings.mqtt.password_file is not None:
        yield check_secret_text("broker password", settings.mqtt.password_file)
    if settings.mqtt is not None and settings.mqtt.tls is not None and settings.mqtt.tls.key_file is not None:
        yield check_secret_text("broker client key", settings.mqtt.tls.key_file)
    ports: dict[Path, str] = {}
    for point in settings.points:
        if isinstance(point.io, ModbusRtu):
            ports.setdefault(point.io.port, f"{point.name} io")
        if isinstance(point.board, AlphaSerial):
            ports.setdefault(point.board.port, f"{point.name} board")
        if isinstance(point.board, NtcipBoard):
            secrets = (point.board.auth_file, point.board.privacy_file, point.board.community_file)
            for secret in secrets:
                if secret is not None:
                    yield check_secret_text(f"{point.name} board", secret)
        if point.camera is not None:
            yield from check_camera_files(f"{point.name} camera", point.camera)
    for port, name in ports.items():
        yield check_serial(name, port)


def check_key(name: str, path: Path, load: Callable[[Path], object], *, secret: bool) -> Check:
    """A key file, read by the function the daemon reads it with; a private one closed to others."""
    try:
        found = locate(path)
    except ConfigError:
        return warn(
            name,
            f"{path} was not handed to this command, as it is to the service alone",
            f"sudo systemd-run --pty -p LoadCredentialEncrypted={path.name.removeprefix('credential:')}:FILE "
            "gate doctor",
        )
    wrong = _unreadable(name, found, secret=secret)
    if wrong is not None:
        return wrong
    try:
        load(path)
    except ConfigError as error:
        return fail(name, str(error), "put the right file there")
    return ok(name, str(path))


def check_secret_text(name: str, path: Path) -> Check:
    """A file with one secret line in it."""
    wrong = _unreadable(name, path, secret=True)
    if wrong is not None:
        return wrong
    if not path.read_bytes().strip():
        return fail(name, f"{path} is empty", "write the secret into it")
    return ok(name, str(path))


def check_serial(name: str, port: Path) -> Check:
    """The serial port is there, may be opened, and nobody else has it."""
    try:
        line = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except FileNotFoundError:
        return fail(
            name, f"{port} is not there", "plug the adapter in; list them with `ls /dev/serial/by-id`"
        )
    except PermissionError:
        return fail(name, f"{port} may not be opened", "sudo usermod --append --groups dialout gate")
    except OSError as error:
        return fail(name, f"{port}: {error.strerror}", "look at the adapter and its cable; see `dmesg`")
    try:
        if not os.isatty(line):
            return fail(name, f"{port} is not a serial port", "name the device under /dev/serial/by-id")
        # pyserial's exclusive mode, which the daemon uses, is this lock.
        fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return warn(name, f"{port} is in use", "as it should be while the gate runs; else end what holds it")
    finally:
        os.close(line)
    return ok(name, str(port))


def check_camera_files(name: str, camera: Camera) -> Iterator[Check]:
    """What a camera needs on this machine: photographs, a recording, a device, secrets."""
    match camera:
        case FolderCamera():
            yield check_photographs(name, camera.path)
        case VideoFileCamera():
            yield _unreadable(name, camera.path, secret=False) or ok(name, str(camera.path))
        case V4l2Camera():
            yield check_capture(name, camera.device)
        case MjpegCamera() | RtspCamera():
            if camera.credentials_file is not None:
                yield check_secret_text(f"{name}'s credentials", camera.credentials_file)
            if isinstance(camera, MjpegCamera) and camera.ca_file is not None:
                wrong = _unreadable(f"{name}'s ca_file", camera.ca_file, secret=False)
                yield wrong or ok(f"{name}'s ca_file", str(camera.ca_file))


def check_capture(name: str, device: Path) -> Check:
    """The device is there, captures pictures, and nobody else has it. It is opened for a moment."""
    try:
        with claimed(device) as card:
            return ok(name, f"{device}: {card}")
    except DeviceError as error:
        if "in use" in str(error):
            return warn(name, f"{device}: {error}", "as it should be while the gate runs")
        return fail(name, f"{device}: {error}", "name the device under /dev/v4l/by-id")


def check_photographs(name: str, folder: Path) -> Check:
    """The folder camera has something to show."""
    if not folder.is_dir():
        return fail(name, f"{folder} is not a folder", "make it and put photographs there")
    count = sum(1 for entry in folder.iterdir() if entry.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not count:
        return fail(name, f"{folder} holds no photographs", "put .jpg or .png files there")
    return ok(name, f"{count} photographs in {folder}")


def _unreadable(name: str, path: Path, *, secret: bool) -> Check | None:
    try:
        info = path.stat()
    except OSError as error:
        if _UNIT_CREDENTIALS in path.parents:
            return warn(name, f"{path} is not there now", "systemd puts it there while gate.service runs")
        return fail(name, f"{path}: {error.strerror}", "put the file there, owned by the gate's user")
    if not stat.S_ISREG(info.st_mode):
        return fail(name, f"{path} is not a file", "name the file itself")
    mode = stat.S_IMODE(info.st_mode)
    if secret and mode & others_may_not(path):
        return fail(name, f"{path} is open to others (mode {mode:04o})", f"chmod 600 {path}")
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        return fail(name, f"{path} can be changed by others (mode {mode:04o})", f"chmod go-w {path}")
    if not os.access(path, os.R_OK):
        return fail(name, f"{path} may not be read by this user", "chown it to the gate's user")
    return None
