"""One read per passage out of many frames: pure, told everything, knows no clock and no camera."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gate.anpr.aligning import align
from gate.anpr.looks import Box, Look, overlap
from gate.anpr.tracks import NEAR, Track, Tracks, nearest
from gate.model import PlateCandidate, PlateRead, RegistrationMark

__all__ = ["Before", "Best", "Consensus", "Sighting", "nearest"]

_MISSED_SECONDS = 0.7
"""A nearer plate that one frame misses (a wiper, a glare) has not left its place to the vehicle behind."""
_REST_SECONDS = 1.0
_REST_ELSEWHERE_SECONDS = 3.0
_BEFORES_PLACE = 0.3
"""Intersection over union with where the plate of the vehicle before was read."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one frame showed. `captured` is monotonic seconds, `sharpness` any growing measure > 0."""

    sequence: int
    captured: float
    sharpness: float
    candidates: tuple[PlateCandidate, ...]


@dataclass(frozen=True, slots=True)
class Best:
    """The frame that shows a mark best."""

    sequence: int
    candidate: PlateCandidate
    weight: float


@dataclass(frozen=True, slots=True)
class Before:
    """The plate of the passage before at the same camera, and where it was last.

    `waits`: that passage was not over when this one began, so that its vehicle is another one for certain.
    """

    mark: RegistrationMark
    box: Box
    waits: bool = False


class Consensus:
    """Counts the frames of one passage.

    Each plate is followed by itself, and only the nearest of a frame votes, sign by sign. Sure: each sign
    was read at `accept` or above in `frames` frames, and in as many more than any other sign there was; as
    many more frames were for this plate than for any other; and the frames are together worth `accept`.
    Frames captured before `began`, and any frame offered twice, do not count.

    The plate of the vehicle before may still be in view, moving out. It counts only where it has come to
    rest: for a second where it was read last time, for three elsewhere (it backed out and came again, it
    comes again the next day). It never counts beside another plate, nor while its own passage still waits.
    """

    def __init__(self, frames: int, accept: float, began: float, before: Before | None = None) -> None:
        self._frames = frames
        self._accept = accept
        self._began = began
        self._before = before
        self._sequence: int | None = None
        self._tracks = Tracks()

    def offer(self, sighting: Sighting) -> PlateRead | None:
        """Count a frame; the sure read once there is one (`evidence` left empty)."""
        if sighting.captured <= self._began:
            return None
        if self._sequence is not None and sighting.sequence <= self._sequence:
            return None
        self._sequence = sighting.sequence
        foremost = nearest(sighting.candidates)
        if foremost is None:
            return None
        looks = [
            Look(sighting.sequence, sighting.captured, sighting.sharpness, candidate)
            for candidate in sighting.candidates
        ]
        tracks = self._tracks.follow(looks)
        place = next(at for at, candidate in enumerate(sighting.candidates) if candidate is foremost)
        track, look = tracks[place], looks[place]
        self._tracks.forget_weakest(track)
        if self._is_behind(look):
            return None
        track.counts(look, self._accept)
        return self._sure(track)

    def follows(self, before: Before) -> None:
        """The passage before was answered, or ended, while this one had already begun."""
        self._before = before

    def give_up(self) -> PlateRead | None:
        """The best read so far, never sure; None when no frame showed a plate of this passage."""
        leader = self._leader()
        if leader is None or leader.tally is None:
            return None
        tally = leader.tally
        return PlateRead(
            tally.mark, tally.country, tally.confidence, max(1, tally.votes), sure=False, evidence=()
        )

    def best_of(self, mark: RegistrationMark) -> Best | None:
        """The frame that shows `mark` best, and where."""
        for track in self._tracks.all:
            if track.tally is not None and track.tally.mark == mark and track.best is not None:
                return Best(track.best.sequence, track.best.candidate, track.best.weight)
        return None

    @property
    def leaves(self) -> Before | None:
        """What the next passage at this camera must not take for its own; None when nothing was read."""
        leader = self._leader()
        if leader is None or leader.tally is None:
            return None
        return Before(leader.tally.mark, leader.last.candidate.box)

    @property
    def kept(self) -> frozenset[int]:
        """Sequences of the frames worth keeping as evidence: the best of each plate still followed."""
        return frozenset(track.best.sequence for track in self._tracks.all if track.best is not None)

    def _is_behind(self, look: Look) -> bool:
        """Whether a much nearer plate was in view just now: this one is of the vehicle behind it."""
        return any(
            track.looks
            and track.last.sequence != look.sequence
            and look.captured - track.last.captured <= _MISSED_SECONDS
            and look.height < NEAR * track.last.height
            for track in self._tracks.all
        )

    def _sure(self, track: Track) -> PlateRead | None:
        tally = track.tally
        if tally is None or min(tally.votes, tally.lead) < self._frames or tally.confidence < self._accept:
            return None
        if not self._is_this_passages(track):
            return None
        votes = max(tally.votes, track.surely_read[tally.mark])
        if votes - self._votes_against(track, tally.mark) < self._frames:
            return None
        return PlateRead(tally.mark, tally.country, tally.confidence, tally.votes, sure=True, evidence=())

    def _votes_against(self, track: Track, mark: RegistrationMark) -> int:
        """Frames that surely read one other mark, on any track: a plate lost and found again has two."""
        own = [one for one in self._tracks.all if one is track or self._is_this_passages(one)]
        surely = sum((one.surely_read for one in own), Counter[RegistrationMark]())
        together = {one.tally.mark: one.tally.votes for one in own if one is not track and one.tally}
        return max(
            (count for other, count in (*surely.items(), *together.items()) if other != mark), default=0
        )

    def _is_this_passages(self, track: Track) -> bool:
        before = self._before
        if before is None or track.tally is None:
            return True
        # One sign apart may be the same plate, misread as it moves out.
        if align(before.mark, track.tally.mark).distance > 1 and not track.has_read(before.mark):
            return True
        its_own = track.has_read(before.mark)
        if its_own:
            other = any(
                one.looks and one is not track and not one.has_read(before.mark) and one.sightings > 1
                for one in self._tracks.all
            )
            if other or before.waits:
                return False
        elsewhere = its_own and overlap(before.box, track.last.candidate.box) < _BEFORES_PLACE
        return track.rested >= (_REST_ELSEWHERE_SECONDS if elsewhere else _REST_SECONDS)

    def _leader(self) -> Track | None:
        own = [
            track for track in self._tracks.all if track.tally is not None and self._is_this_passages(track)
        ]
        return max(own, key=_strength, default=None)


def _strength(track: Track) -> tuple[int, float]:
    votes = track.tally.votes if track.tally is not None else 0
    return votes, sum(look.weight for look in track.looks)
