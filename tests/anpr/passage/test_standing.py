"""Which plates were told and may still stand there. Time is told."""

from __future__ import annotations

from gate.anpr.camera.eye import Shown
from gate.anpr.passage.standing import Standing
from gate.model import PlateCandidate, PlateRead, RegistrationMark

LORRY, VAN = "10AA019", "90TB482"


def read(mark: str, *, sure: bool = True) -> PlateRead:
    """What a reading came to."""
    return PlateRead(RegistrationMark(mark), "AZ", 0.9, 3, sure=sure, evidence=())


def shown(at: float, *marks: str) -> Shown:
    """A frame."""
    found = (PlateCandidate(RegistrationMark(mark), "AZ", 0.9, (0, 0, 9, 2), mark) for mark in marks)
    return Shown(at, tuple(found))


def told(*marks: str) -> Standing:
    """These were told at 0 s, the lorry surely if it is among them."""
    standing = Standing()
    assert all(standing.is_new(read(mark, sure=mark == LORRY), 0.0) for mark in marks)
    return standing


def test_a_plate_is_new_once() -> None:
    """And one sign apart only where the reader is sure of the other."""
    standing = told(LORRY)
    assert not standing.is_new(read(LORRY), 5.0)
    assert not standing.is_new(read("10AA018", sure=False), 5.0)
    assert standing.is_new(read("10AA018"), 5.0)


def test_frames_without_it_for_a_second_make_it_new() -> None:
    """Shorter it was a passer-by; misread by a sign it was there."""
    standing = told(LORRY)
    for at, mark in ((1.0, ()), (1.9, ()), (2.0, ("10AA0I9",)), (2.1, ()), (3.0, ())):
        standing.look(shown(at, *mark))
    assert not standing.is_new(read(LORRY), 3.0)
    standing.look(shown(3.1, VAN))
    assert standing.is_new(read(LORRY), 3.2)


def test_between_two_readings_nobody_looked() -> None:
    """The last frame of one and the first of the next without it are no second without it."""
    standing = told(LORRY)
    standing.look(shown(1.0))
    standing.begin()
    standing.look(shown(60.0))
    assert not standing.is_new(read(LORRY), 60.5)


def test_another_vehicle_stands_where_it_stood() -> None:
    """Surely read it has taken its place; an unsure read of lettering has not."""
    standing = told(LORRY)
    assert standing.is_new(read(VAN, sure=False), 1.0)
    assert not standing.is_new(read(LORRY), 2.0)
    assert standing.is_new(read(VAN.replace("9", "8")), 3.0)
    assert standing.is_new(read(LORRY), 4.0)


def test_unseen_for_ten_minutes_it_may_have_left() -> None:
    """Each look that shows it, and each read, begins the ten minutes anew."""
    standing = told(LORRY)
    standing.look(shown(599.0, LORRY))
    assert not standing.is_new(read(LORRY), 1100.0)
    assert not standing.is_new(read(LORRY), 1650.0)
    assert standing.is_new(read(LORRY), 2251.0)


def test_lettering_fills_no_memory() -> None:
    """Of unsure reads the oldest are forgotten."""
    marks = ["11AA111", "22BB222", "33CC333", "44DD444", "55EE555"]
    standing = told(*marks)
    assert not standing.is_new(read(marks[-1], sure=False), 1.0)
    assert standing.is_new(read(marks[0], sure=False), 1.0)
