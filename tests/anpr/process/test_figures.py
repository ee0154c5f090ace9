"""What a reading child tells of its cameras, in the daemon's metrics."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from prometheus_client import REGISTRY

from gate.anpr.process.wire import CameraFigures
from tests.anpr.process.readers import PATIENCE, readers
from tests.hardware.posted import eventually


def age_of(point: str) -> float | None:
    """The gauge now."""
    return REGISTRY.get_sample_value("gate_camera_frame_age_seconds", {"point": point})


def refused_of(point: str) -> float:
    """The counter now."""
    labels = {"point": point, "reason": "not-a-picture"}
    return REGISTRY.get_sample_value("gate_camera_frames_refused_total", labels) or 0.0


async def test_a_cameras_figures_reach_the_daemons_metrics(tmp_path: Path, photos: Path) -> None:
    """Age and refused pictures come over the wire; a new child counts from nought, the daemon goes on."""
    (photos / "0.jpg").write_bytes(b"this is no photograph")
    before = refused_of("lane-1")
    async with readers(tmp_path, photos) as (subject, told):
        for child in (1, 2):
            await told.until(lambda: bool(told.cameras) and told.cameras[-1][1] is None)
            await eventually(lambda: age_of("lane-1") is not None, PATIENCE)
            await eventually(lambda wanted=before + child: refused_of("lane-1") == wanted)  # type: ignore[misc]
            assert subject.pid is not None
            os.kill(subject.pid, signal.SIGKILL)
            await told.until(lambda: told.cameras[-1][1] is not None)
            assert age_of("lane-1") is None


def figure_of(name: str, **labels: str) -> float | None:
    """A sample now."""
    return REGISTRY.get_sample_value(name, {"point": "lane-1", **labels})


QUALITY = (
    b'"quality":{"sharpness":0.18,"contrast":0.6,"burnt":%s,"dark":0.1,"clipped":0.0}'  # how plates are shown
)


async def test_frames_and_quality_reach_the_daemons_metrics(tmp_path: Path, photos: Path) -> None:
    """Counts go on over what each child counted; a quality that is no longer known is no longer told."""
    async with readers(tmp_path, photos) as (subject, _):
        head = b'{"type":"figures","point":"lane-1","age":0.1,"refused":{},'
        before = figure_of("gate_camera_frames_total", fate="unchanged") or 0.0
        for count, burnt in ((3, b"0.02"), (5, b"null")):
            subject._take(head + b'"read":2,"unchanged":%d,"old":1,' % count + QUALITY % burnt + b"}\n")
            assert figure_of("gate_camera_frames_total", fate="unchanged") == before + count
            assert figure_of("gate_camera_quality", figure="sharpness") == 0.18
        assert figure_of("gate_camera_quality", figure="burnt") is None
        assert subject.qualities["lane-1"].contrast == 0.6
        subject._take(head + b'"read":2,"unchanged":5,"old":1}\n')
        assert subject.qualities == {}
        assert figure_of("gate_camera_quality", figure="sharpness") is None


async def test_readings_begun_by_motion_are_counted(tmp_path: Path, photos: Path) -> None:
    """What came of them goes on over what each child counted."""
    async with readers(tmp_path, photos) as (subject, _):
        counted = figure_of("gate_camera_motion_total", outcome="empty") or 0.0
        for empty in (3, 4):
            subject._take(
                CameraFigures(point="lane-1", age=None, refused={}, motion={"empty": empty}).encode()
            )
        assert figure_of("gate_camera_motion_total", outcome="empty") == counted + 4
