"""Pictures judged before they are decoded, kept while they are fresh, and watched for life."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cameras.newest import NewestFrame
from hardware.cameras.pictures import MAX_BYTES, MAX_PIXELS, Grey, Still, picture_fault
from hardware.cameras.stillness import Stillness, changed_part
from hardware.emulators.camera import encode
from hardware.emulators.noise import noisy
from tests.hardware.camera_bench import BLUE, RED, is_blue, is_red

WHOLE = encode(BLUE)


class Watch:
    """Time that is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The moment."""
        return self.now


def claiming(width: int, height: int) -> bytes:
    """A JPEG whose header says it is of this size."""
    data = bytearray(WHOLE)
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (WHOLE, None),
        (WHOLE + b"\0" * 300, None),
        (WHOLE[:-200], "truncated"),
        (b"GIF89a not for us", "not-a-picture"),
        (b"", "not-a-picture"),
        (b"\xff\xd8\xff\xd9", "corrupt"),
        (claiming(65_000, 65_000), "too-many-pixels"),
        (claiming(16, 16), "too-small"),
        (WHOLE + b"\0" * (MAX_BYTES - len(WHOLE) + 1), "too-large"),
    ],
)
def test_a_picture_is_judged_by_its_outside(data: bytes, reason: str | None) -> None:
    """A small JPEG may claim 65,000 x 65,000 pixels: it is refused before anything is decoded."""
    assert MAX_PIXELS < 65_000**2
    assert picture_fault(data) == reason


@given(st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", WHOLE[:300]]))
def test_no_bytes_do_harm(tail: bytes, head: bytes) -> None:
    """Whatever a camera sends, it is a frame or it is refused and counted."""
    newest = NewestFrame("test", stale=3, frozen=30)
    taken = newest.put(Still(head + tail))
    frame = newest.latest(0)
    assert frame is None or taken
    assert sum(newest.refused.values()) == (frame is None)


def test_a_picture_sound_outside_and_rotten_inside_is_no_frame() -> None:
    """Markers in place, nothing decodable between: counted when somebody wants to see it."""
    newest = NewestFrame("test", stale=3, frozen=0)
    frame_header = WHOLE[WHOLE.index(b"\xff\xc0") :][:19]
    rotten = b"\xff\xd8" + frame_header + b"\x00" * 50 + b"\xff\xd9"
    assert newest.put(Still(rotten))
    assert newest.refused == {}
    assert newest.latest(0) is None
    assert newest.refused == {"corrupt": 1}
    assert newest.put(Still(WHOLE))
    assert is_blue(newest.latest(0))


def test_an_old_frame_is_not_given() -> None:
    """What was before the camera three seconds ago is not what is before it now."""
    watch = Watch()
    newest = NewestFrame("test", stale=3, frozen=0, mono=watch)
    assert newest.age is None
    newest.put(Still(WHOLE))
    watch.now += 3
    assert is_blue(newest.latest(0))
    watch.now += 0.1
    assert newest.latest(0) is None
    assert "no frame for over 3 s" in str(newest.flaw)
    assert newest.age == pytest.approx(3.1)
    newest.put(Still(encode(RED)))
    assert is_red(newest.latest(0))
    assert newest.flaw is None


def test_a_frozen_picture_is_told_after_its_time_and_not_given() -> None:
    """Thirty seconds of one picture, then another: a fault from the thirtieth second until it moves."""
    watch = Watch()
    newest = NewestFrame("test", stale=3, frozen=30, mono=watch)
    for second in range(30):
        watch.now = 100.0 + second
        newest.put(Still(WHOLE))
        assert newest.flaw is None, second
    for second in range(30, 36):
        watch.now = 100.0 + second
        newest.put(Still(WHOLE))
    assert "picture frozen" in str(newest.flaw)
    assert newest.latest(0) is None
    watch.now += 1
    newest.put(Still(encode(RED)))
    assert newest.flaw is None
    assert is_red(newest.latest(0))


def test_a_camera_exempt_is_never_frozen() -> None:
    """With a limit of 0 nobody looks, and nothing is decoded for it."""
    watch = Watch()
    newest = NewestFrame("test", stale=3, frozen=0, mono=watch)
    for _ in range(100):
        watch.now += 2
        newest.put(Still(WHOLE))
        assert newest.flaw is None


def stood(pictures: list[Grey]) -> bool:
    """Whether a minute of these, one a second in turn, counts as frozen at 10 s."""
    stillness = Stillness(10)
    for second in range(60):
        if stillness.due(float(second)):
            stillness.look(pictures[second % len(pictures)], float(second))
    return stillness.frozen


def test_noise_is_life_and_a_clock_is_not() -> None:
    """A sensor's noise over a still scene is enough; a camera's own clock over a frozen one is not."""
    road = np.full((360, 640), 60, dtype=np.uint8)
    clocks = [road.copy() for _ in range(2)]
    clocks[1][8:24, 8:120] = 200
    assert 0 < changed_part(*clocks) < 0.02
    assert stood([road])
    assert stood(clocks)
    alive = [seen[..., 0] for seen in noisy(np.dstack([road] * 3))]
    assert not stood(alive)
    assert changed_part(road, road[:-8]) == 1


def test_what_stood_during_a_gap_is_not_known() -> None:
    """After a lost link the time begins anew, even if the picture is the same."""
    watch = Watch()
    newest = NewestFrame("test", stale=3, frozen=10, mono=watch)
    newest.put(Still(WHOLE))
    watch.now += 100
    for _ in range(10):
        newest.put(Still(WHOLE))
        assert newest.flaw is None
        watch.now += 1
    newest.put(Still(WHOLE))
    assert "picture frozen" in str(newest.flaw)


def test_rare_looks_are_looks_too() -> None:
    """A stream with a key frame every twenty seconds cannot be looked at more often, and is frozen too."""
    picture = np.full((360, 640), 60, dtype=np.uint8)
    stillness = Stillness(10)
    stillness.look(picture, 0)
    stillness.look(picture, 20)
    assert stillness.frozen
