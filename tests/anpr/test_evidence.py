"""Evidence pictures on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from gate.anpr.evidence import EvidenceFolder
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
