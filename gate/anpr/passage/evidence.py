"""Evidence pictures on disk, named by what they hold: frames never leave the child, their names do."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import cv2

from gate.anpr.recogniser import Image
from gate.errors import StoreError

_SCENE_QUALITY = 82
_CROP_QUALITY = 92
_LONGEST_SCENE = 1920


class EvidenceFolder:
    """`<folder>/ab/ab12...ef.jpg`, each whole or absent. The name is the SHA-256 of the file's bytes.

    With `floor_bytes` or less left on the disk nothing is written: what is left is the journal's.
    """

    def __init__(self, folder: Path, floor_bytes: int = 0) -> None:
        self._folder = folder
        self._floor = floor_bytes

    def keep(self, scene: Image, box: tuple[int, int, int, int]) -> tuple[str, ...]:
        """Write the scene and the plate cut out of it; their names, in that order.

        Raises StoreError when the disk refuses.
        """
        names = [self.put(_encode(_bounded(scene), _SCENE_QUALITY))]
        crop = _crop(scene, box)
        if crop.size:
            names.append(self.put(_encode(crop, _CROP_QUALITY)))
        return tuple(names)

    def put(self, data: bytes) -> str:
        """Write one JPEG durably; its name. The same picture twice is one file."""
        name = hashlib.sha256(data).hexdigest()
        path = self.path_of(name)
        try:
            if path.exists():
                os.utime(path)  # kept once more: retention counts its age from now
                return name
            path.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(path.parent).free
            if free - len(data) < self._floor:
                raise StoreError(
                    f"evidence: {free // 1_000_000} MB are left where {self._folder} lies, for the journal;"
                    f" pictures are written again from {self._floor // 1_000_000} MB on"
                )
            handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    # The journal will name this file: it must not be empty after a power cut.
                    os.fsync(file.fileno())
                Path(partial).replace(path)
            finally:
                Path(partial).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                f"evidence: cannot write {path}: {error.strerror}; check the disk and its rights"
            ) from error
        return name

    def path_of(self, name: str) -> Path:
        """Where the picture of this name lies, whether or not it exists."""
        return self._folder / name[:2] / f"{name}.jpg"


def _bounded(scene: Image) -> Image:
    longest = max(scene.shape[:2])
    if longest <= _LONGEST_SCENE:
        return scene
    ratio = _LONGEST_SCENE / longest
    size = (max(1, round(scene.shape[1] * ratio)), max(1, round(scene.shape[0] * ratio)))
    return cv2.resize(scene, size, interpolation=cv2.INTER_AREA).astype("uint8", copy=False)


def _crop(scene: Image, box: tuple[int, int, int, int]) -> Image:
    x, y, width, height = box
    margin = height // 3
    return scene[max(0, y - margin) : y + height + margin, max(0, x - margin) : x + width + margin]


def _encode(image: Image, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise StoreError(f"evidence: OpenCV cannot encode a picture of shape {image.shape}")
    return data.tobytes()
