"""One entry of the record in words that a stranger understands, with what followed from it.

Whatever of an entry retention has erased is left out: every key may be missing. A kind of entry that is not
known here is told by its name, so that nothing on record is ever left out of a story.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gate.console.words import fallible_words, input_words, state_words, status_words
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.rules.meanings import MEANING
from gate.lanes.signage import board_lines
from gate.model import Corridor, VisitStatus
from gate.store.past_entries import CALL_ANSWERED, PastEntry

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What happened, in a line; what followed, a line each. `minor`: of interest to a technician only."""

    what: str
    follows: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    minor: bool = False


def tell(entry: PastEntry) -> Told:
    """The entry in words."""
    body = entry.body
    inner = body.get("event")
    event = inner if isinstance(inner, dict) else body
    what, more, pictures = _HOW.get(entry.kind, _plain)(entry.kind, event)
    follows = (*more, *_follow(body))
    if any(command.get("type") == "OpenVisit" for command in body.get("commands", ())):
        what, follows = "A vehicle arrived", (what, *follows)
    return Told(what, follows, pictures, entry.kind in _MINOR and not follows)


_MINOR = ("DetectorChanged", "ContactChanged", "TimeElapsed", "BarrierMoved", "WayGranted")

_Parts = tuple[str, tuple[str, ...], tuple[str, ...]]


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _plain(kind: str, event: Facts) -> _Parts:
    who = event.get("officer")
    return _spaced(kind).capitalize() + (f", by {who}" if who else ""), _reason(event), ()


def _reason(event: Facts) -> tuple[str, ...]:
    return (f"Reason: {event['reason']}",) if event.get("reason") else ()


def _detector(_kind: str, event: Facts) -> _Parts:
    name = fallible_words(str(event.get("detector", "a detector")))
    return f"{name[:1].upper()}{name[1:]} is {event.get('state', 'changed')}", (), ()


def _contact(_kind: str, event: Facts) -> _Parts:
    name = str(event.get("contact", "a contact"))
    return (
        f"{input_words(name).capitalize()}: {state_words(str(event.get('state', 'changed')), name)}",
        (),
        (),
    )


def _barrier(_kind: str, event: Facts) -> _Parts:
    return f"The barrier says: {event.get('position', 'moved')}", (), ()


def _plate(_kind: str, event: Facts) -> _Parts:
    read, trailer = event.get("read"), event.get("trailer")
    pictures = tuple(name for seen in (read, trailer) if seen for name in seen.get("evidence", ()))
    if not read:
        return "The plate could not be read", (), pictures
    mark = read.get("mark", "a plate, erased since")
    country = f" ({read['country']})" if read.get("country") else ""
    how = f"{_percent(read)}, {'sure' if read.get('sure') else 'not sure'}, {read.get('frames', '?')} frames"
    more = [f"Another reader says {rival}" for rival in read.get("rivals", ())]
    if trailer:
        more.append(f"Rear plate: {trailer.get('mark', 'erased since')}, {_percent(trailer)}")
    return f"Plate read: {mark}{country}, {how}", tuple(more), pictures


def _sighted(kind: str, event: Facts) -> _Parts:
    what, more, pictures = _plate(kind, event)
    return f"{what}, by motion: nobody is known to stand there", more, pictures


def _percent(read: Facts) -> str:
    confidence = read.get("confidence")
    return (
        f"{100 * confidence:.0f} % confident" if isinstance(confidence, int | float) else "confidence unknown"
    )


def _opened(_kind: str, event: Facts) -> _Parts:
    each = tuple(
        f"{one.get('number', 'Number erased since')}, version {one.get('version')}: {one.get('corridor')}"
        for one in event.get("opened", ())
    )
    return "The sealed verdict was opened, on arrival (Rules 3.6, 8.0)", each, ()


def _decided(_kind: str, event: Facts) -> _Parts:
    decision = event.get("decision") or {}
    outcome = decision.get("outcome", "DECIDED")
    lane = event.get("lane_label") or event.get("lane")
    what = {
        "DIRECT": f"Directed to lane {lane}, {decision.get('corridor') or 'corridor'}",
        "HOLD": "Held for an officer",
        "REFER": "Referred to the general lane",
    }.get(outcome, outcome.capitalize())
    return what, (*_findings(decision.get("findings", ())), *_who(event.get("identification"))), ()


def _findings(findings: list[Facts]) -> Iterator[str]:
    for finding in findings:
        code = str(finding.get("code", ""))
        words = finding.get("detail") or (MEANING[code].text if code in MEANING else code)
        yield f"Rules {finding.get('rule', '?')}: {words}"


def _who(who: Facts | None) -> Iterator[str]:
    if not who:
        return
    yield f"Identified by {', '.join(who.get('by', ()))}; {who.get('certainty', 'unknown')}"
    yield from (f"For it: {said}" for said in who.get("supports", ()))
    yield from (f"Against it: {said}" for said in who.get("contradicts", ()))


def _matched(_kind: str, event: Facts) -> _Parts:
    fits = event.get("may_proceed", True)
    return ("Found again by its plate" + ("" if fits else "; it may not proceed")), _reason(event), ()


def _unmatched(_kind: str, event: Facts) -> _Parts:
    return "The plate read here is of no visit directed here", _reason(event), ()


def _registered(_kind: str, _event: Facts) -> _Parts:
    return "Registered; the officers' console was told (Rules 4.2, 5.2)", (), ()


def _crossing(_kind: str, event: Facts) -> _Parts:
    leaving = event.get("direction") == "exit"
    return ("Exit confirmed" if leaving else "Entry confirmed: the vehicle is through"), (), ()


_ACTS = {
    "ReleaseVisit": "released it",
    "ConfirmPlate": "compared the plate by sight",
    "EnterNumber": "entered a notification number (Rules 8.0.2)",
    "EnterCargoNumber": "entered a cargo declaration's number",
    "ReferVisit": "referred it to the general lane (Rules 2.1)",
    "TurnBack": "turned it back",
    "AnswerRollCall": "answered for it in the roll-call",
    "HoldToRun": "released it, opening by hand",
    "OrderCheck": "ordered a check (Rules 4.4)",
    "HoldVisit": "held it",
    "SendToBay": "sent it to the holding bay",
    "OpenOnce": "opened once for it, without goods (Rules 2.1)",
    "AskSecond": "asked another officer to agree",
    "AgreeAsSecond": "agreed as the second officer",
    "DeclineAsSecond": "did not agree",
    "WithdrawAsking": "took back what was asked",
}


def _act(_kind: str, facts: Facts) -> _Parts:
    act = facts.get("act") or {}
    kind = str(act.get("type", "an act"))
    two = f" and {act['second']}" if act.get("second") else ""
    done = facts.get("done", True)
    what = f"{act.get('officer', 'An officer')}{two} {_ACTS.get(kind, 'did: ' + _spaced(kind))}"
    more = []
    if act.get("checked"):
        more.append(f"Checked: {', '.join(str(one) for one in act['checked'])}")
    more += [
        f"{name.capitalize()}: {act[name]}" for name in ("mark", "number", "cargo", "reason") if act.get(name)
    ]
    more += [
        f"{_spaced(name).capitalize()}: {act[name]}"
        for name in sorted(act)
        if name not in _SAID and act[name]
    ]
    if not done:
        return f"Refused: {what}", (*more, *((str(facts["message"]),) if facts.get("message") else ())), ()
    return what, tuple(more), ()


_SAID = frozenset(
    {
        "type",
        "officer",
        "second",
        "checked",
        "mark",
        "number",
        "cargo",
        "reason",
        "visit_id",
        "point",
        "call_id",
        "request_id",
        "asked",
        "seen",
    }
)


def _answered(_kind: str, facts: Facts) -> _Parts:
    why = f"The call was: {facts['reason']}" if facts.get("reason") else "What the call was is erased"
    return f"{facts.get('officer', 'An officer')} came to the call", (why,), ()


def _escalated(_kind: str, facts: Facts) -> _Parts:
    what = "Nobody came to a call" + ("; central was told" if facts.get("level") == 3 else "")  # noqa: PLR2004
    return what, _reason(facts), ()


def _in_words(kind: str, facts: Facts) -> _Parts:
    return str(facts.get("what", f"{_spaced(kind).capitalize()}, erased since")).capitalize(), (), ()


def _device(kind: str, event: Facts) -> _Parts:
    state = "answers again" if kind == "DeviceRecovered" else "does not answer"
    return f"The {event.get('device', 'device')} {state}", _reason(event), ()


def _failed(_kind: str, event: Facts) -> _Parts:
    return "The barrier did not take the command; it is not repeated", _reason(event), ()


def _released(_kind: str, event: Facts) -> _Parts:
    return f"Release by {event.get('officer', 'an officer')} (Rules 5.6, 5.8)", (), ()


def _confirmed(_kind: str, event: Facts) -> _Parts:
    two = f" and {event['second']}" if event.get("second") else ""
    return (
        f"Plate {event.get('mark', 'erased since')} confirmed by {event.get('officer')}{two} (Rules 8.0.1)",
        (),
        (),
    )


def _number(_kind: str, event: Facts) -> _Parts:
    by = f"entered by {event['officer']}" if event.get("officer") else "typed by the driver"
    return f"Number {event.get('number', 'erased since')} {by}", (), ()


_HOW: dict[str, Callable[[str, Facts], _Parts]] = {
    "DetectorChanged": _detector,
    "ContactChanged": _contact,
    "BarrierMoved": _barrier,
    "PlateSeen": _plate,
    "VehicleSighted": _sighted,
    "Opened": _opened,
    "Decided": _decided,
    "VisitMatched": _matched,
    "VisitUnmatched": _unmatched,
    "Registered": _registered,
    "RegistrationCommitted": lambda _kind, _event: ("The registration is committed", (), ()),
    "Crossing": _crossing,
    "Act": _act,
    CALL_ANSWERED: _answered,
    "CallEscalated": _escalated,
    "Help": _in_words,
    "ClonedPlate": _in_words,
    "DeviceFaulted": _device,
    "DeviceRecovered": _device,
    "ActuationFailed": _failed,
    "OfficerReleased": _released,
    "PlateConfirmed": _confirmed,
    "NumberGiven": _number,
    "TimeElapsed": lambda _kind, _event: ("The time for this was up", (), ()),
    "WayGranted": lambda _kind, _event: ("The way ahead is this lane's", (), ()),
    "AttendedBegan": lambda _kind, event: (
        f"{event.get('officer', 'An officer')} works the lane by hand",
        tuple(f"Answers for: {fallible_words(str(name)).lower()}" for name in event.get("failed", ())),
        (),
    ),
}


def _follow(body: Facts) -> Iterator[str]:
    for command in body.get("commands", ()):
        how = _FOLLOWS.get(str(command.get("type")))
        if how is not None:
            yield from how(command)


def _update(command: Facts) -> Iterator[str]:
    if command.get("status"):
        yield f"The visit is now: {status_words(VisitStatus(command['status'])).lower()}"


def _grant(command: Facts) -> Iterator[str]:
    release = command.get("release") or {}
    by = f"by {release['officer']}" if release.get("officer") else "by the system"
    checked = release.get("checked")
    yield f"Release committed {by}" + (f"; checked: {', '.join(checked)}" if checked else "")


def _show(command: Facts) -> Iterator[str]:
    told = command.get("message") or {}
    try:
        corridor = Corridor(told["corridor"]) if told.get("corridor") else None
        lines = board_lines(BoardMessage(MessageKind(told["kind"]), told.get("lane"), corridor))
    except (KeyError, ValueError):
        yield "The board was changed"  # an older version's message: what it was is in the entry
        return
    text = " / ".join(line for line in lines if line)
    yield f"Board shows: {text}" if text else "Board dark"


def _call(command: Facts) -> Iterator[str]:
    what = "Alarm" if command.get("alarm") else "An officer was called"
    yield f"{what}: {command['reason']}" if command.get("reason") else what


_FOLLOWS: dict[str, Callable[[Facts], Iterator[str]]] = {
    "OpenVisit": lambda _command: iter(("The visit began",)),
    "UpdateVisit": _update,
    "GrantRelease": _grant,
    "RevokeRelease": lambda command: iter((f"Release withdrawn: {command.get('reason', 'erased since')}",)),
    "ShowMessage": _show,
    "SetSignal": lambda command: iter((f"Signal {command.get('aspect', 'changed')}",)),
    "CallOfficer": _call,
    "Report": lambda command: iter((f"Reported to central: {command.get('kind', 'a message')}",)),
    "RaiseBarrier": lambda _command: iter(("Barrier told to rise, once, for this release",)),
    "LowerBarrier": lambda _command: iter(("Barrier told to lower: the area under it is clear",)),
    "StopBarrier": lambda _command: iter(("Barrier stopped at once",)),
    "OpenInEmergency": lambda _command: iter(("Barrier told to open, for the emergency",)),
    "DeclareEmergency": lambda command: iter((f"Emergency declared by {command.get('officer')}",)),
    "CallOver": lambda _command: iter(("On the roll-call: somebody must answer for it",)),
    "StartReading": lambda _command: iter(("Cameras asked for the plate",)),
    "RegisterPassage": lambda _command: iter(("Registration asked for",)),
}
