"""The core's words in plain English, for officers."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from gate.lanes.acts import Earlier
from gate.lanes.commands import BoardMessage
from gate.lanes.signage import board_lines
from gate.lanes.views import ReadView
from gate.model import CheckSource, NoGoods, VisitStatus

_PHASES = {
    "recovery": "Checking its devices",
    "free": "Free",
    "reading": "Reading the plate",
    "identifying": "Looking up the vehicle",
    "directed": "Directed to a lane",
    "matching": "Matching vehicle and visit",
    "control": "Check and release",
    "registering": "Registering the passage",
    "raising": "Released, barrier rising",
    "passing": "Passing",
    "lowering": "Barrier lowering",
    "held": "Held for an officer",
    "closed": "Closed",
    "waiting": "Release due, waits for the way ahead",
    "blocked": "Blocked by a breakdown",
    "emergency": "EMERGENCY, open",
    "attended": "Worked by hand",
    "holding": "Opening by hand",
    "maintenance": "In maintenance",
    "disarmed": "Disarmed: devices changed",
}
_DUE = {
    "reading": "gives up reading in",
    "control": "officer called in",
    "waiting": "officer called in",
    "raising": "must be up in",
    "lowering": "must be down in",
    "holding": "lets go in",
}
_TONES = {
    "free": "idle",
    "control": "wants",
    "held": "wants",
    "recovery": "fault",
    "closed": "closed",
    "blocked": "fault",
    "emergency": "emergency",
    "attended": "by-hand",
    "holding": "by-hand",
    "maintenance": "closed",
    "disarmed": "fault",
}
_INPUTS = {
    "arming": "before",
    "safety": "under",
    "photo-eye": "beam",
    "exit": "behind",
    "fire": "fire panel",
    "emergency-stop": "e-stop",
    "key-switch": "key switch",
    "ups": "battery",
}

_STATUSES = {
    VisitStatus.ARRIVED: "Arrived",
    VisitStatus.HELD: "Held",
    VisitStatus.DIRECTED: "Directed",
    VisitStatus.REFERRED: "Referred to the general lane",
    VisitStatus.RELEASED: "Released",
    VisitStatus.COMPLETED: "Completed",
    VisitStatus.DEPARTED: "Departed",
    VisitStatus.LEFT_UNRELEASED: "Left without release",
}

_KINDS = {"approach": "Approach", "entry": "Lane", "exit": "Exit lane", "terminal": "Baggage terminal"}


_ACTIVE = {
    "height": "too high",
    "fire": "alarm",
    "emergency-stop": "pressed",
    "key-switch": "in use",
    "mains": "away",
    "ups": "low",
    "cabinet": "open",
}
_FALLIBLE = {
    "arming": "The detector before the barrier",
    "safety": "The detector under the boom",
    "photo-eye": "The photo-eye under the boom",
    "exit": "The detector behind the barrier",
    "barrier": "The barrier's position feedback",
}
_SOURCES = {
    CheckSource.OBSERVATION: "Own observation",
    CheckSource.CANINE: "The dog",
    CheckSource.SCANNER: "The scanner",
    CheckSource.MESSAGE: "A message, or risk information",
    CheckSource.OTHER: "Something else",
}
_NO_GOODS = {
    NoGoods.EMPTY: "Empty lorry",
    NoGoods.STAFF: "Staff car",
    NoGoods.AMBULANCE: "Ambulance",
    NoGoods.SERVICE: "Police, fire brigade, recovery, or whoever works here",
    NoGoods.DIPLOMATIC: "Diplomats",
    NoGoods.PASSENGERS: "Bus or car of people, without goods",
    NoGoods.OTHER: "Something else",
}


def source_words(source: CheckSource) -> str:
    """Where the facts behind an ordered check come from, as officers say it."""
    return _SOURCES[source]


def no_goods_words(kind: NoGoods) -> str:
    """What a vehicle without goods is."""
    return _NO_GOODS[kind]


def phase_words(phase: str) -> str:
    """A phase as an officer would say it; a phase not known here as it is."""
    return _PHASES.get(phase, phase.replace("-", " ").capitalize())


def phase_tone(phase: str) -> str:
    """How a phase should look: idle, busy, wants (an officer), fault, closed, by-hand or emergency."""
    return _TONES.get(phase, "busy")


def input_words(name: str) -> str:
    """An input as an officer would call it; one not known here as it is."""
    return _INPUTS.get(name, name.replace("-", " "))


def state_words(state: str, name: str) -> str:
    """What an input says; an active contact by what that means."""
    return _ACTIVE.get(name, state) if state == "active" else state


def fallible_words(name: str) -> str:
    """An input that an attending officer may answer for, in full."""
    return _FALLIBLE.get(name, name)


def status_words(status: VisitStatus) -> str:
    """A visit's status as an officer would say it."""
    return _STATUSES[status]


def kind_words(kind: str) -> str:
    """What a kind of point is called."""
    return _KINDS.get(kind, kind.capitalize())


_DID = {
    "ReleaseVisit": "released it",
    "ConfirmPlate": "confirmed its plate",
    "EnterNumber": "entered a number",
    "EnterCargoNumber": "entered a cargo declaration's number",
    "ReferVisit": "sent it to the general lane",
    "TurnBack": "turned it back",
    "HoldToRun": "opened for it by hand",
    "AgreeAsSecond": "agreed",
    "DeclineAsSecond": "did not agree",
    "WithdrawAsking": "withdrew it",
}


def earlier_words(earlier: Earlier, reader: str) -> str:
    """Who was first, and when, for the officer who came second."""
    who = "You" if earlier.officer == reader else earlier.officer
    return f"{who} {_DID.get(earlier.act, 'acted on it')} at {clock_time(earlier.at)}"


def clock_time(at: datetime) -> str:
    """The time of day where the checkpoint stands: the box keeps the site's time zone."""
    return at.astimezone().strftime("%H:%M:%S")


def full_time(at: datetime) -> str:
    """Date and time where the checkpoint stands, with its offset."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def day_time(at: datetime) -> str:
    """The time of day, without the seconds; with the day, as a declaration may be of any."""
    return at.astimezone().strftime("%d %b %H:%M")


def epoch_ms(at: datetime) -> int:
    """The moment as scripts count it."""
    return round(at.timestamp() * 1000)


def read_words(read: ReadView) -> str:
    """How far a read of a plate goes, in a word and a number."""
    word = "sure" if read.sure else "unsure"
    return word if read.confidence is None else f"{word}, {math.floor(100 * read.confidence + 1e-9)} %"


def due_words(phase: str) -> str:
    """What a lane's running time limit is for."""
    return _DUE.get(phase, "limit in")


def sign(message: BoardMessage) -> tuple[str, str]:
    """The two lines on the board."""
    return board_lines(message)


FILTERS: dict[str, Callable[..., object]] = {
    "phase_words": phase_words,
    "phase_tone": phase_tone,
    "input_words": input_words,
    "state_words": state_words,
    "fallible_words": fallible_words,
    "status_words": status_words,
    "kind_words": kind_words,
    "clock_time": clock_time,
    "full_time": full_time,
    "day_time": day_time,
    "epoch_ms": epoch_ms,
    "read_words": read_words,
    "due_words": due_words,
    "sign": sign,
    "source_words": source_words,
    "no_goods_words": no_goods_words,
}
