"""Days at the border: what is answered for each vehicle as its plate moves through the pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.consensus import Before, Consensus, Sighting
from gate.model import PlateCandidate, PlateRead, RegistrationMark

ACCEPT, FRAMES, APART = 0.8, 2, 0.2
LORRY, NEXT = "10AA019", "34ABC123"
STOP_LINE = (600, 480)


def plate(
    mark: str,
    at: tuple[int, int] = STOP_LINE,
    *,
    height: int = 36,
    sure: float = 0.95,
    muddy: tuple[int, float] | None = None,
    country: str | None = "AZ",
) -> PlateCandidate:
    """A plate in a picture; `muddy`: one sign's place and how sure it is."""
    characters = [sure] * len(mark)
    if muddy is not None:
        characters[muddy[0]] = muddy[1]
    box = (*at, 5 * height, height)
    return PlateCandidate(RegistrationMark(mark), country, min(characters), box, mark, tuple(characters))


@dataclass
class Camera:
    """One camera, and the passages before it, one after the other."""

    now: float = 100.0
    sequence: int = 0
    before: Before | None = None
    consensus: Consensus = field(default_factory=lambda: Consensus(FRAMES, ACCEPT, 0.0))
    read: PlateRead | None = None

    def arrives(self) -> None:
        """A vehicle is noticed: what was read before is of the vehicle before."""
        self.before = self.consensus.leaves or self.before
        self.consensus = Consensus(FRAMES, ACCEPT, self.now, self.before)
        self.read = None

    def shows(self, *plates: PlateCandidate, sharpness: float = 400.0) -> PlateRead | None:
        """The next frame."""
        self.now += APART
        self.sequence += 1
        said = self.consensus.offer(Sighting(self.sequence, self.now, sharpness, plates))
        self.read = self.read or said
        return said

    def shows_for(self, seconds: float, *plates: PlateCandidate) -> PlateRead | None:
        """Frames of a picture that stands still; the first sure read."""
        for _ in range(round(seconds / APART)):
            if self.read is None:
                self.shows(*plates)
        return self.read


def rolling_out(mark: str, steps: int = 8) -> list[PlateCandidate]:
    """A plate on its way out of the picture: nearer, larger, lower with every frame."""
    return [
        plate(mark, (STOP_LINE[0] - 25 * step, STOP_LINE[1] + 24 * step), height=36 + 2 * step)
        for step in range(1, steps + 1)
    ]


def test_a_lorry_rolls_in() -> None:
    """It comes nearer, read unsurely while it is far; two sure frames answer, surer than either alone."""
    camera = Camera()
    camera.arrives()
    for step in range(4):
        far = plate(LORRY, (800 - 50 * step, 300 + 45 * step), height=16 + 5 * step, sure=0.5 + 0.05 * step)
        assert camera.shows(far) is None
    assert camera.shows(plate(LORRY, (605, 470), sure=0.9)) is None
    read = camera.shows(plate(LORRY, (602, 500), sure=0.9))
    assert read is not None
    assert (read.mark, read.sure, read.frames) == (LORRY, True, 2)
    assert 0.9 < read.confidence <= 0.95


def test_mud_on_one_letter() -> None:
    """The 9 is under mud and read as 0 in every frame, half sure: however often, it opens nothing."""
    camera = Camera()
    camera.arrives()
    assert camera.shows_for(8.0, plate("10AA010", muddy=(6, 0.55))) is None
    read = camera.consensus.give_up()
    assert read is not None
    assert (read.mark, read.sure) == ("10AA010", False)
    assert read.confidence < 0.6


def test_mud_that_a_sharper_frame_reads_through() -> None:
    """Moving frames lose the last sign; two sharp ones at the line have it: their mark is the answer."""
    camera = Camera()
    camera.arrives()
    for step in range(3):
        assert camera.shows(plate("10AA01", (700 - 40 * step, 430), sure=0.7), sharpness=40.0) is None
    assert camera.shows(plate(LORRY), sharpness=900.0) is None
    read = camera.shows_for(3.0, plate(LORRY))
    assert read is not None
    assert (read.mark, read.sure) == (LORRY, True)


def test_two_vehicles_nose_to_tail() -> None:
    """The plate behind is in every picture, smaller: it has no vote, even where the near one is missed."""
    camera = Camera()
    camera.arrives()
    behind = plate(NEXT, (900, 250), height=18, sure=0.99)
    assert camera.shows(plate(LORRY), behind) is None
    for _ in range(3):  # a wiper passes before the near plate
        assert camera.shows(behind) is None
    read = camera.shows(plate(LORRY), behind)
    assert read is not None
    assert (read.mark, read.frames) == (LORRY, 2)


def test_lettering_never_mixes_into_the_mark() -> None:
    """A telephone number on the cab, larger and surer than the plate, is another track and no plate."""
    camera = Camera()
    camera.arrives()
    phone = plate("0105551019", (300, 200), height=60, sure=0.99, country=None)
    camera.shows(plate(LORRY, sure=0.85), phone)
    read = camera.shows(plate(LORRY, sure=0.85), phone)
    assert read is not None
    assert read.mark == LORRY


def test_the_plate_before_moves_out_while_the_next_arrives() -> None:
    """The first lorry's plate is read again and again on its way out; the second's is the answer."""
    camera = Camera()
    camera.arrives()
    assert camera.shows_for(2.0, plate(LORRY)) is not None
    camera.now += 30.0
    camera.arrives()
    behind = plate(NEXT, (820, 330), height=20)
    for leaving in rolling_out(LORRY):
        assert camera.shows(leaving, behind) is None
    assert camera.read is None
    read = camera.shows_for(3.0, plate(NEXT))
    assert read is not None
    assert (read.mark, read.sure) == (NEXT, True)


@pytest.mark.parametrize("read_as", [LORRY, "10AA018"])
def test_a_plate_on_its_way_out_is_nobodys(read_as: str) -> None:
    """Nothing else is read of the second vehicle: no plate, rather than the one before, misread or not."""
    camera = Camera()
    camera.arrives()
    camera.shows_for(2.0, plate(LORRY))
    camera.arrives()
    for leaving in rolling_out(read_as, steps=20):
        assert camera.shows(leaving) is None
    assert camera.consensus.give_up() is None
    # And the one after that is still told apart from it.
    camera.arrives()
    assert camera.before is not None
    assert camera.before.mark == LORRY


def test_beside_another_plate_the_one_before_is_nobodys() -> None:
    """The second's plate was the nearest, unsurely; then the first's stands there again: an officer looks."""
    camera = Camera()
    camera.arrives()
    camera.shows_for(2.0, plate(LORRY))
    camera.arrives()
    assert camera.shows_for(1.0, plate(NEXT, sure=0.6)) is None
    camera.now += 1.0
    assert camera.shows_for(6.0, plate(LORRY)) is None
    read = camera.consensus.give_up()
    assert read is not None
    assert (read.mark, read.sure) == (NEXT, False)


def test_two_of_one_fleet_in_one_picture() -> None:
    """Marks one sign apart, plates nearly as large: each is followed by itself, whichever is told first."""
    camera = Camera()
    camera.arrives()
    near, beside = plate(LORRY), plate("10AA018", (640, 440), height=34)
    camera.shows(near)
    read = camera.shows(beside, near)
    assert read is not None
    assert (read.mark, read.frames) == (LORRY, 2)
    assert read.confidence == pytest.approx(0.95)
    assert [track.last.candidate.mark for track in camera.consensus._tracks.all] == [LORRY, "10AA018"]


@pytest.mark.parametrize("pause", [0.0, 1.2, 5.0])
def test_a_neighbour_in_number_follows(pause: float) -> None:
    """Two of one fleet, 019 and 018: the second is read once it stands, and as itself."""
    camera = Camera()
    camera.arrives()
    camera.shows_for(2.0, plate(LORRY))
    camera.arrives()
    for leaving in rolling_out(LORRY):
        assert camera.shows(leaving) is None
    camera.now += pause
    read = camera.shows_for(4.0, plate("10AA018"))
    assert read is not None
    assert (read.mark, read.sure) == ("10AA018", True)


def test_it_stands_for_an_hour() -> None:
    """One answer; an hour of the same picture makes it no surer, and takes no more memory."""
    camera = Camera()
    camera.arrives()
    first = camera.shows_for(2.0, plate(LORRY, sure=0.9))
    assert first is not None
    for _ in range(300):
        camera.now += 12.0
        camera.shows(plate(LORRY, sure=0.9))
    later = camera.shows(plate(LORRY, sure=0.9))
    assert later is not None
    assert later.mark == first.mark
    assert abs(later.confidence - first.confidence) < 1e-6
    assert later.frames <= 30


def test_asked_again_while_it_stands() -> None:
    """A new passage of the vehicle that stands there (it backed out, the gate restarted): a second later."""
    camera = Camera()
    camera.arrives()
    camera.shows_for(2.0, plate(LORRY))
    camera.arrives()
    assert camera.shows_for(0.8, plate(LORRY)) is None
    read = camera.shows_for(1.0, plate(LORRY))
    assert read is not None
    assert (read.mark, read.sure) == (LORRY, True)


def test_it_comes_back_next_day() -> None:
    """Nobody came between, and it stops a little elsewhere: read again, after three seconds at rest."""
    camera = Camera()
    camera.arrives()
    camera.shows_for(2.0, plate(LORRY))
    camera.now += 86_400.0
    camera.arrives()
    elsewhere = plate(LORRY, (380, 400), height=30)
    assert camera.shows_for(2.8, elsewhere) is None
    read = camera.shows_for(1.0, elsewhere)
    assert read is not None
    assert (read.mark, read.sure) == (LORRY, True)


def test_it_comes_back_after_another() -> None:
    """With one vehicle between the visits nothing is held against it: two frames, as ever."""
    camera = Camera()
    for mark in (LORRY, NEXT, LORRY):
        camera.arrives()
        camera.shows(plate(mark))
        read = camera.shows(plate(mark))
        assert read is not None
        assert (read.mark, read.sure) == (mark, True)


def test_one_plate_is_not_two_passages() -> None:
    """Two passages wait at once: the plate that answered the first is never the second's."""
    first = Consensus(FRAMES, ACCEPT, 0.0)
    second = Consensus(FRAMES, ACCEPT, 0.0)
    for number in range(1, 40):
        frame = Sighting(number, number * APART, 400.0, (plate(LORRY),))
        if first.offer(frame) is not None and first.leaves is not None:
            second.follows(Before(first.leaves.mark, first.leaves.box, waits=True))
        if number > 1:
            assert second.offer(frame) is None
    assert second.give_up() is None


@given(st.lists(st.tuples(st.floats(0.3, 1), st.integers(0, 3)), min_size=1, max_size=15))
def test_a_vehicle_behind_changes_nothing(frames: list[tuple[float, int]]) -> None:
    """With and without a smaller plate of another vehicle in the pictures: the same answers."""
    alone, followed = Consensus(FRAMES, ACCEPT, 0.0), Consensus(FRAMES, ACCEPT, 0.0)
    for number, (sure, step) in enumerate(frames, start=1):
        near = plate(LORRY, (600 + step, 480), sure=sure)
        behind = plate(NEXT, (900 - number, 250), height=18, sure=0.99)
        at = number * APART
        read = alone.offer(Sighting(number, at, 400.0, (near,)))
        assert followed.offer(Sighting(number, at, 400.0, (behind, near))) == read
    assert followed.give_up() == alone.give_up()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10), st.integers(2, 4))
def test_one_frame_is_never_enough_where_more_are_wanted(sure: list[float], wanted: int) -> None:
    """However sure it is; and a sure answer never comes of frames that are none of them accepted."""
    consensus = Consensus(wanted, ACCEPT, 0.0)
    for number, confidence in enumerate(sure, start=1):
        read = consensus.offer(Sighting(number, number * APART, 400.0, (plate(LORRY, sure=confidence),)))
        accepted = sum(one >= ACCEPT for one in sure[:number])
        assert read is None or accepted >= wanted
