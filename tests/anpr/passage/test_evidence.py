"""Evidence pictures on disk."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from gate.anpr.passage.evidence import EvidenceFolder
from gate.errors import StoreError


def test_names_are_the_hash_of_the_bytes(tmp_path: Path) -> None:
    """Scene and crop lie whole in fan-out folders under the SHA-256 of what they hold."""
    folder = EvidenceFolder(tmp_path)
    scene = np.random.default_rng(1).integers(0, 256, (120, 200, 3), dtype=np.uint8)
    names = folder.keep(scene, (20, 20, 60, 15))
    assert len(names) == 2
    for name in names:
        path = tmp_path / name[:2] / f"{name}.jpg"
        assert folder.path_of(name) == path
        assert hashlib.sha256(path.read_bytes()).hexdigest() == name
    assert folder.keep(scene, (20, 20, 60, 15)) == names
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 2


def test_a_box_outside_the_scene_costs_the_crop_only(tmp_path: Path) -> None:
    """Nonsense boxes leave the scene as evidence."""
    scene = np.zeros((50, 50, 3), dtype=np.uint8)
    assert len(EvidenceFolder(tmp_path).keep(scene, (500, 500, 10, 10))) == 1


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    """Where nothing can be written the error names the place."""
    (tmp_path / "evidence").write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="evidence"):
        EvidenceFolder(tmp_path / "evidence").put(b"x")


def test_what_is_left_of_the_disk_is_the_journals(tmp_path: Path) -> None:
    """Below the floor nothing is written and nothing half written; what lies there already is still named."""
    data = b"a picture"
    name = EvidenceFolder(tmp_path).put(data)
    full = EvidenceFolder(tmp_path, floor_bytes=shutil.disk_usage(tmp_path).total * 2)
    with pytest.raises(StoreError, match="MB are left where"):
        full.put(b"another picture")
    assert full.put(data) == name
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{name}.jpg"]


def test_a_picture_kept_again_is_young_again(tmp_path: Path) -> None:
    """Retention counts from when it was last kept, not from when a still camera first showed it."""
    folder = EvidenceFolder(tmp_path)
    path = folder.path_of(folder.put(b"a picture"))
    os.utime(path, (1.0, 1.0))
    folder.put(b"a picture")
    assert path.stat().st_mtime > 1.0
