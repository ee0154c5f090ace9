"""HTTP cameras: who is let in, whose certificate is believed, and what of a stream is refused."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from gate.settings import MjpegCamera
from hardware.cameras.catalogue import build_camera
from hardware.cameras.port import Camera
from hardware.emulators.camera import CameraServer, empty_road, encode
from hardware.emulators.camera_guard import Guard
from tests.hardware.camera_bench import BLUE, is_blue, started
from tests.hardware.posted import eventually

SECRET = "p:ss wörd/1"


@pytest.fixture
async def server() -> AsyncIterator[CameraServer]:
    """Emulated cameras."""
    async with CameraServer() as made:
        yield made


def mjpeg(server: CameraServer, name: str = "lane-1", **more: Path | float | None) -> Camera:
    """The driver for one of them."""
    given = {key: value for key, value in more.items() if value is not None}
    return build_camera(
        MjpegCamera.model_validate({"driver": "http-mjpeg", "url": server.url(name), **given})
    )


def credentials(folder: Path, password: str) -> Path:
    """A credentials file."""
    file = folder / "credentials"
    file.write_text(f"root:{password}\n", encoding="utf-8")
    return file


async def test_an_empty_road_is_dark(server: CameraServer) -> None:
    """None shows the road at night."""
    server.show("lane-1", None)
    async with started(mjpeg(server)) as camera:
        await eventually(lambda: camera.latest(0) is not None)
        frame = camera.latest(0)
        assert frame is not None
        assert frame.image.shape == empty_road().shape
        assert frame.image.mean() < 60


async def test_a_camera_that_is_not_there_says_so(server: CameraServer) -> None:
    """A wrong path is named in the fault."""
    async with started(mjpeg(server, "nowhere")) as camera:
        await eventually(lambda: "404" in str(camera.fault))
        assert camera.latest(0) is None


async def test_a_connected_camera_without_frames_is_given_up(server: CameraServer) -> None:
    """Silence on an open connection is a fault too."""
    server.show("lane-1", BLUE)
    async with started(mjpeg(server, timeout_seconds=0.3)) as camera:
        await eventually(lambda: camera.latest(0) is not None)
        server.freeze("lane-1")
        await eventually(lambda: "no answer for 0.3 s" in str(camera.fault))
        server.thaw("lane-1")
        await eventually(lambda: camera.fault is None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(encode(BLUE)[:-200], "truncated"), (b"GIF89a", "not-a-picture"), (b"\xff\xd8\xff\xd9", "corrupt")],
)
async def test_a_broken_picture_is_skipped_and_counted(
    server: CameraServer, data: bytes, reason: str
) -> None:
    """The stream goes on behind it."""
    server.show_jpeg("lane-1", data)
    async with started(mjpeg(server)) as camera:
        await eventually(lambda: camera.refused.get(reason, 0) > 0)
        assert camera.latest(0) is None
        server.show("lane-1", BLUE)
        await eventually(lambda: is_blue(camera.latest(0)))
        assert list(camera.refused) == [reason]


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_a_guarded_camera_lets_us_in(tmp_path: Path, scheme: Literal["basic", "digest"]) -> None:
    """The right pair sees; a corrected file is read at the next try, without a restart."""
    async with CameraServer(guard=Guard("root", SECRET, scheme)) as server:
        server.show("lane-1", BLUE)
        file = credentials(tmp_path, "wrong")
        async with started(mjpeg(server, credentials_file=file)) as camera:
            await eventually(lambda: "refuses our user or password" in str(camera.fault))
            credentials(tmp_path, SECRET)
            await eventually(lambda: is_blue(camera.latest(0)))
            assert camera.fault is None


async def test_a_guarded_camera_without_credentials_says_what_it_wants(tmp_path: Path) -> None:
    """No file named, none there, or nothing in it: each is said."""
    async with CameraServer(guard=Guard("root", SECRET)) as server:
        server.show("lane-1", BLUE)
        async with started(mjpeg(server)) as camera:
            await eventually(lambda: "name a credentials_file" in str(camera.fault))
        file = tmp_path / "credentials"
        async with started(mjpeg(server, credentials_file=file)) as camera:
            await eventually(lambda: "No such file" in str(camera.fault))
            file.write_text("just-a-word\n")
            await eventually(lambda: "must hold user:password" in str(camera.fault))
            assert "just-a-word" not in str(camera.fault)


def test_an_address_with_a_password_is_refused() -> None:
    """It would stand in logs, screens and backups; the refusal does not repeat it in its message."""
    with pytest.raises(ValidationError, match="name credentials_file") as refused:
        MjpegCamera(driver="http-mjpeg", url="http://root:secret@10.0.0.9/x")
    assert "secret" not in refused.value.errors()[0]["msg"]


def test_what_stands_behind_the_question_mark_is_not_told() -> None:
    """Some cameras take a token there; a fault goes to logs and screens."""
    camera = build_camera(MjpegCamera(driver="http-mjpeg", url="http://127.0.0.1:1/x?token=hush"))
    camera.start()
    try:
        assert "hush" not in str(camera.fault)
        assert "127.0.0.1:1/x" in str(camera.fault)
    finally:
        camera.stop()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, as cameras make themselves, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "camera.pem", folder / "camera.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


async def test_a_camera_behind_tls_must_prove_itself(tmp_path: Path) -> None:
    """With its certificate named it is believed, password and all; without, or with a wrong file, never."""
    pem, secret = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pem, secret)
    file = credentials(tmp_path, SECRET)
    async with CameraServer(tls=tls, guard=Guard("root", SECRET)) as server:
        server.show("lane-1", BLUE)
        assert server.url("lane-1").startswith("https://")
        async with started(mjpeg(server, ca_file=pem, credentials_file=file)) as camera:
            await eventually(lambda: is_blue(camera.latest(0)))
        async with started(mjpeg(server, credentials_file=file)) as camera:
            await eventually(lambda: "CERTIFICATE_VERIFY_FAILED" in str(camera.fault))
            assert camera.latest(0) is None
        async with started(mjpeg(server, ca_file=tmp_path / "none.pem")) as camera:
            await eventually(lambda: "none.pem" in str(camera.fault))


async def test_a_server_that_is_no_camera_is_a_fault() -> None:
    """Anything may answer at a wrong address; it costs that camera and nothing else."""
    answers = [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>", b""]

    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answers[0] if answers else b"")
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/x.mjpeg"
        while answers:
            async with started(build_camera(MjpegCamera(driver="http-mjpeg", url=url))) as camera:
                await eventually(lambda seen=camera: "no frame yet" not in str(seen.fault))  # type: ignore[misc]
                assert url in str(camera.fault)
            answers.pop(0)
