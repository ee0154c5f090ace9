"""The report's rows in words: causes of HOLD and REFER, officers' acts, troubles."""

from __future__ import annotations

from typing import Final

from gate.lanes.occurrences import MEANING, Occurrence

CAUSES: Final[dict[str, str]] = {
    "ambiguous-number": "the number finds two things",
    "amended-after-opening": "the declaration was amended after its verdict had been opened",
    "baggage-on-vehicle": "a declaration of accompanied baggage, on a vehicle",
    "clock-unknown": "the gate's clock was not known",
    "cloned-plate": "the same plate on two vehicles",
    "fault": "the gate could not decide: a fault of its own",
    "mixed-scope": "goods under the Rules and others on one vehicle",
    "no-declaration": "no declaration was found for the vehicle",
    "no-open-lane": "no open lane served the corridor",
    "no-verdict": "central had given no verdict",
    "not-all-opened": "not every verdict of the vehicle could be opened",
    "not-at-terminal": "a number of a terminal, given elsewhere",
    "not-the-same-vehicle": "another vehicle stood there after a restart",
    "opened-before": "the declaration had been directed before",
    "other-checkpoint": "declared for another checkpoint",
    "other-direction": "declared for the other direction",
    "outside-rules": "outside the Rules by central's category",
    "plate-number-disagree": "the number given belongs to another plate",
    "presence-unknown": "the presence detector did not answer",
    "referred-by-officer": "an officer found it outside the Rules",
    "seal-refused": "the sealed verdict was refused",
    "stale-cache": "what the gate had from central was too old",
    "terminal-unattended": "nobody attended the terminal",
    "too-early": "it came before the lead time had passed",
    "trailer-mismatch": "another trailer than the declared one",
    "trailer-unread": "the trailer's plate was not read",
    "unread-plate": "the plate could not be read surely",
    "used-before": "the declaration had been used before",
    "vehicle-at-terminal": "a declaration of a vehicle, at a terminal",
    "withdrawn": "the declaration had been withdrawn",
}

_ACTS: Final[dict[str, str]] = {
    "AcknowledgeCall": "came to a call",
    "AnswerRollCall": "answered the roll-call",
    "ArmLane": "armed a lane",
    "AssignCorridors": "gave a lane other corridors",
    "AttendLane": "worked a lane by hand",
    "AttendTerminal": "attended a terminal, or left it",
    "BeginMaintenance": "put a lane into maintenance",
    "ClearBreakdown": "ended a breakdown",
    "ClosePoint": "closed a point",
    "ConfirmPlate": "confirmed a plate by sight",
    "DeclareBreakdown": "declared a breakdown",
    "EndEmergencies": "ended an emergency",
    "EndMaintenance": "ended a maintenance",
    "EnterNumber": "entered a number at the carrier's request",
    "LeaveLane": "stopped working a lane by hand",
    "ListConvoy": "listed a convoy, or ended it",
    "OpenForEmergency": "opened for an emergency",
    "OpenPoint": "opened a point",
    "ReferVisit": "referred a vehicle",
    "SayPassed": "said that a vehicle had passed",
    "TurnBack": "turned a vehicle back",
}
_ALARMS: Final[dict[str, str]] = {
    "alarm.cloned-plate": "a second vehicle came with a plate that is here already",
    "alarm.leaving-unreleased": "a directed vehicle was about to leave unreleased",
    "help.call": "a driver called an officer",
    "help.no-number": "a driver had no notification number",
}


def cause_words(code: str) -> str:
    """A finding's code in words; one not known here as it is."""
    return CAUSES.get(code, code.replace("-", " "))


def act_words(act: str) -> str:
    """An officer's act in words; one not known here by its name, taken apart."""
    apart = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in act)
    return _ACTS.get(act, apart.strip())


def trouble_words(kind: str) -> str:
    """What was reported, in words; what is not known here as it is."""
    if kind in _ALARMS:
        return _ALARMS[kind]
    word = kind.removeprefix("lane.")
    try:
        return MEANING[Occurrence(word)]
    except ValueError:
        return word.replace("-", " ").replace(".", ": ")
