"""What the reading child tells of its cameras, as the daemon's figures."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict

from prometheus_client import Counter, Gauge

from gate.anpr.camera.quality import Quality
from gate.anpr.process.wire import CameraFigures

FRAME_AGE = Gauge(
    "gate_camera_frame_age_seconds", "Since a camera's newest frame; absent before the first", ["point"]
)
FRAMES_REFUSED = Counter(
    "gate_camera_frames_refused_total", "Pictures a camera sent that were refused", ["point", "reason"]
)
FRAMES = Counter(
    "gate_camera_frames_total",
    "Frames that came while a passage waited: read, unchanged since they were, or too old",
    ["point", "fate"],
)
MOTION = Counter(
    "gate_camera_motion_total",
    "Readings that motion started: told as sure or unsure, told before (again), no plate (empty)",
    ["point", "outcome"],
)
QUALITY = Gauge(
    "gate_camera_quality",
    "Medians over a camera's last vehicles: sharpness, and shares of 1; absent of too few",
    ["point", "figure"],
)


class Figures:
    """Of every camera of one child after the other: each counts from its own start, the daemon goes on."""

    def __init__(self) -> None:
        self._counted: dict[tuple[Counter, str, str], int] = {}
        self._aged: set[str] = set()
        self.qualities: dict[str, Quality] = {}
        """How well each camera has shown its last vehicles' plates; without those of too few."""

    def take(self, report: CameraFigures) -> None:
        """One camera's, as told just now."""
        point = report.point
        if report.age is None:
            _forget(FRAME_AGE, point)
        else:
            FRAME_AGE.labels(point).set(report.age)
            self._aged.add(point)
        for reason, count in report.refused.items():
            self._count(FRAMES_REFUSED, point, reason, count)
        for outcome, count in report.motion.items():
            self._count(MOTION, point, outcome, count)
        for fate, count in (("read", report.read), ("unchanged", report.unchanged), ("old", report.old)):
            self._count(FRAMES, point, fate, count)
        if report.quality is None:
            self._forget_quality(point)
        else:
            self._take_quality(point, report.quality.to_quality())

    def forget(self) -> None:
        """The child is gone, and what it knew of now; the next counts from nought."""
        self._counted.clear()
        for point in self._aged:
            _forget(FRAME_AGE, point)
        self._aged.clear()
        for point in list(self.qualities):
            self._forget_quality(point)

    def _count(self, counter: Counter, point: str, label: str, count: int) -> None:
        key = (counter, point, label)
        counter.labels(point, label).inc(max(0, count - self._counted.get(key, 0)))
        self._counted[key] = count

    def _take_quality(self, point: str, quality: Quality) -> None:
        self.qualities[point] = quality
        for figure, value in asdict(quality).items():
            if value is not None:
                QUALITY.labels(point, figure).set(value)
            else:
                _forget(QUALITY, point, figure)

    def _forget_quality(self, point: str) -> None:
        quality = self.qualities.pop(point, None)
        for figure in asdict(quality) if quality is not None else ():
            _forget(QUALITY, point, figure)


def _forget(gauge: Gauge, *labels: str) -> None:
    with suppress(KeyError):  # none was told yet
        gauge.remove(*labels)
