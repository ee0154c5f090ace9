"""The report's rows in words: causes of HOLD and REFER, officers' acts, troubles."""

from __future__ import annotations

from typing import Final

from gate.lanes.occurrences import MEANING, Occurrence
from gate.lanes.rules.meanings import MEANING as FINDINGS
from gate.model import CheckSource

_ACTS: Final[dict[str, str]] = {
    "AcknowledgeCall": "came to a call",
    "AgreeAsSecond": "agreed as second officer",
    "AnswerRollCall": "answered the roll-call",
    "ArmLane": "armed a lane",
    "AskSecond": "asked another officer to agree",
    "AssignCorridors": "gave a lane other corridors",
    "AttendLane": "worked a lane by hand",
    "AttendTerminal": "attended a terminal, or left it",
    "BeginMaintenance": "put a lane into maintenance",
    "ClearBreakdown": "ended a breakdown",
    "ClosePoint": "closed a point",
    "ConfirmPlate": "confirmed a plate by sight",
    "DeclareBreakdown": "declared a breakdown",
    "DeclineAsSecond": "did not agree as second officer",
    "EndEmergencies": "ended an emergency",
    "EndMaintenance": "ended a maintenance",
    "EnterNumber": "entered a number at the carrier's request",
    "LeaveLane": "stopped working a lane by hand",
    "ListConvoy": "listed a convoy, or ended it",
    "OpenForEmergency": "opened for an emergency",
    "OpenPoint": "opened a point",
    "ReferVisit": "referred a vehicle",
    "ReviewEmergency": "reviewed an emergency",
    "SayPassed": "said that a vehicle had passed",
    "TurnBack": "turned a vehicle back",
    "WithdrawAsking": "took back what another officer was asked",
}
_ALARMS: Final[dict[str, str]] = {
    "alarm.cloned-plate": "a second vehicle came with a plate that is here already",
    "alarm.leaving-unreleased": "a directed vehicle was about to leave unreleased",
    "help.call": "a driver called an officer",
    "help.no-number": "a driver had no notification number",
}


def cause_words(code: str) -> str:
    """A finding's code in words; one not known here as it is."""
    known = FINDINGS.get(code)
    return known.text if known is not None else code.replace("-", " ")


def act_words(act: str) -> str:
    """An officer's act in words; one not known here by its name, taken apart."""
    apart = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in act)
    return _ACTS.get(act, apart.strip())


_SOURCES: Final[dict[CheckSource, str]] = {
    CheckSource.OBSERVATION: "an officer's own observation",
    CheckSource.CANINE: "a dog",
    CheckSource.SCANNER: "the scanner",
    CheckSource.MESSAGE: "a message, or risk information",
    CheckSource.OTHER: "something else",
}


def source_words(source: CheckSource) -> str:
    """Where the facts behind ordered checks came from, in words."""
    return _SOURCES[source]


def trouble_words(kind: str) -> str:
    """What was reported, in words; what is not known here as it is."""
    if kind in _ALARMS:
        return _ALARMS[kind]
    word = kind.removeprefix("lane.")
    try:
        return MEANING[Occurrence(word)]
    except ValueError:
        return word.replace("-", " ").replace(".", ": ")
