"""Consensus over frames: sure only on agreement, never on what was seen before the passage."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.consensus import Consensus, Sighting, nearest
from gate.anpr.tracks import MOST_LOOKS, MOST_TRACKS
from gate.model import PlateCandidate, RegistrationMark

MARKS = ("10AA019", "10AA018", "34ABC123")
ACCEPT = 0.8


def candidate(
    mark: str, confidence: float = 0.95, height: int = 30, country: str | None = "AZ"
) -> PlateCandidate:
    """One plate in one frame."""
    return PlateCandidate(RegistrationMark(mark), country, confidence, (10, 10, height * 5, height), mark)


def sighting(sequence: int, *candidates: PlateCandidate, captured: float | None = None) -> Sighting:
    """One frame, captured at its own sequence number unless told otherwise."""
    return Sighting(sequence, float(sequence) if captured is None else captured, 10.0, candidates)


frames_seen = st.lists(
    st.tuples(st.sampled_from(MARKS), st.floats(0, 1), st.floats(-5, 50)), max_size=30
).map(
    lambda rows: [
        sighting(index, candidate(mark, confidence), captured=captured)
        for index, (mark, confidence, captured) in enumerate(rows, start=1)
    ]
)


@given(frames_seen, st.integers(1, 4))
def test_sure_needs_that_many_fresh_agreeing_frames(seen: list[Sighting], frames: int) -> None:
    """A sure read was read at or above the limit in that many frames captured after the beginning."""
    consensus = Consensus(frames, ACCEPT, began=0.0)
    votes = dict.fromkeys(MARKS, 0)
    for frame in seen:
        (only,) = frame.candidates
        if frame.captured > 0 and only.confidence >= ACCEPT:
            votes[only.mark] += 1
        read = consensus.offer(frame)
        if read is not None:
            assert read.sure
            # Fewer than all where the plate was lost and found again between them.
            assert frames <= read.frames <= votes[read.mark]
            assert read.confidence >= ACCEPT
            assert all(votes[read.mark] - votes[mark] >= frames for mark in MARKS if mark != read.mark)
            return


@given(frames_seen)
def test_giving_up_is_never_sure(seen: list[Sighting]) -> None:
    """At give-up the best read is unsure, and there is one exactly when a fresh frame showed a plate."""
    consensus = Consensus(99, ACCEPT, began=0.0)
    for frame in seen:
        assert consensus.offer(frame) is None
    read = consensus.give_up()
    assert (read is not None) == any(frame.captured > 0 for frame in seen)
    if read is not None:
        assert not read.sure
        best = consensus.best_of(read.mark)
        assert best is not None
        assert best.sequence in consensus.kept


@given(st.lists(st.sampled_from(MARKS), max_size=20))
def test_the_vehicle_before_leaves_nothing(marks: list[str]) -> None:
    """However often the last vehicle's plate was read before the passage began, it does not count."""
    consensus = Consensus(1, 0.0, began=100.0)
    for index, mark in enumerate(marks, start=1):
        assert consensus.offer(sighting(index, candidate(mark), captured=100.0 - index / 100)) is None
    assert consensus.give_up() is None


def test_a_frame_counts_once() -> None:
    """The same frame offered again is no second witness."""
    consensus = Consensus(2, ACCEPT, began=0.0)
    assert consensus.offer(sighting(1, candidate("10AA019"))) is None
    assert consensus.offer(sighting(1, candidate("10AA019"))) is None
    read = consensus.offer(sighting(2, candidate("10AA019", 0.9)))
    assert read is not None
    assert (read.mark, read.frames, read.sure) == ("10AA019", 2, True)
    assert 0.9 <= read.confidence <= 0.95


def test_a_surely_read_rival_must_be_outvoted() -> None:
    """One frame of four read another last sign as surely: that is three to one, and no certainty."""
    consensus = Consensus(2, ACCEPT, began=0.0)
    order = ("10AA019", "10AA018", *("10AA019",) * 6)
    reads = [consensus.offer(sighting(index, candidate(mark))) for index, mark in enumerate(order, start=1)]
    first = next(index for index, read in enumerate(reads) if read is not None)
    assert first >= 4
    read = reads[first]
    assert read is not None
    assert (read.mark, read.frames) == ("10AA019", first)
    assert read.confidence < 0.95


def test_a_low_threshold_still_wants_the_lead() -> None:
    """Where little confidence is asked for, two frames against one are no lead of two."""
    consensus = Consensus(2, 0.5, began=0.0)
    order = ("10AA018", "10AA019", "10AA019", "10AA019")
    reads = [consensus.offer(sighting(index, candidate(mark))) for index, mark in enumerate(order, start=1)]
    assert [read.mark if read else None for read in reads] == [None, None, None, "10AA019"]


def test_votes_against_are_not_forgotten_with_their_frames() -> None:
    """Memory keeps the best frames of a plate only; twenty that read it otherwise must still be outvoted."""
    consensus = Consensus(2, ACCEPT, began=0.0)
    for sequence in range(1, 21):
        consensus.offer(sighting(sequence, candidate("10AA018", 0.81)))
    reads = [consensus.offer(sighting(sequence, candidate("10AA019", 0.99))) for sequence in range(21, 61)]
    first = next(index for index, read in enumerate(reads, start=1) if read and read.mark == "10AA019")
    assert first == 22


def test_another_plate_read_as_surely_must_be_outvoted() -> None:
    """Two plates by turns the nearest: neither is sure while the other has as many frames."""
    consensus = Consensus(2, ACCEPT, began=0.0)
    order = ("10AA019", "34ABC123", "10AA019", "34ABC123", "10AA019", "10AA019")
    reads = [consensus.offer(sighting(index, candidate(mark))) for index, mark in enumerate(order, start=1)]
    assert [read.mark if read else None for read in reads] == [None] * 5 + ["10AA019"]


def test_the_nearest_plate_is_the_passages() -> None:
    """The larger of two plates is taken; lettering larger still, written like no plate, is not."""
    far, near = candidate("34ABC123", height=12), candidate("10AA019", 0.81, height=34)
    phone = candidate("0505551234", 0.99, height=60, country=None)
    assert nearest((far, phone, near)) is near
    assert nearest((phone,)) is phone
    assert nearest(()) is None


def test_memory_stays_bounded() -> None:
    """A thousand different misreads keep no more than a handful of frames."""
    consensus = Consensus(2, ACCEPT, began=0.0)
    for sequence in range(1, 1001):
        mark = f"{sequence * 7919 % 10**7:07d}"
        consensus.offer(sighting(sequence, candidate(mark, 0.3), candidate(mark[::-1], 0.3, height=28)))
        assert len(consensus.kept) <= MOST_TRACKS
        assert len(consensus._tracks.all) <= MOST_TRACKS
        assert all(len(track.looks) <= MOST_LOOKS for track in consensus._tracks.all)
