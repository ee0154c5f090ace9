"""What stays in the chain for ever: nothing under a key that nobody has vouched for."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.clock import Instant
from gate.lanes.acts import EnterNumber, ReleaseVisit
from gate.lanes.commands import CallOfficer, FindVisit, Identify, Report, UpdateVisit
from gate.lanes.events import Decided, DetectorChanged, NumberGiven, Occupancy, PlateSeen
from gate.lanes.events import Detector as Loop
from gate.lanes.record import canonical
from gate.model import (
    Corridor,
    Decision,
    Finding,
    Identification,
    IdentifiedBy,
    NotificationNumber,
    Outcome,
    PlateRead,
    RegistrationMark,
    VisitStatus,
)
from gate.store.redaction import _KEPT, is_part, redact
from tests.store.kept import AT

MARK = RegistrationMark("10AA123")
NUMBER = NotificationNumber("2000000000008")
DETAIL = "declared for 10-AA-123, seen by Rauf at 9 o'clock"
WHEN = Instant(AT, 12.5)
_DECISION = Decision(
    Outcome.DIRECT,
    Corridor.RED,
    (Finding("plate-differs", "8.0.1", Outcome.HOLD, DETAIL),),
    (NUMBER,),
    "rules-1",
    "demo-1",
)
_READ = PlateRead(MARK, "AZ", 0.97, 3, True, ("ab" * 32, "cd" * 32))
PERSONAL = {
    "a plate read": PlateSeen(at=WHEN, passage_id="approach.b1.7", read=_READ, trailer=_READ),
    "a number typed": NumberGiven(at=WHEN, number=NUMBER, officer="leyla"),
    "a decision": Decided(at=WHEN, visit_id="v1", decision=_DECISION, lane="lane-4", lane_label="4"),
    "a search": FindVisit("approach.b1.7", MARK),
    "an identification": Identify(
        "v1", AT.isoformat(), Identification(frozenset({IdentifiedBy.PLATE}), MARK, NUMBER, trailer=MARK)
    ),
    "a visit": UpdateVisit("v1", VisitStatus.HELD, MARK, (NUMBER,), findings=_DECISION.findings),
    "a call": CallOfficer("c1", "v1", DETAIL),
    "a report": Report(
        "visit.held", {"mark": MARK, "numbers": [NUMBER], "reason": DETAIL, "point": "lane-1"}
    ),
    "an act": EnterNumber(officer="leyla", visit_id="v1", number=NUMBER),
    "a release": ReleaseVisit(officer="leyla", visit_id="v1", checked=(DETAIL,)),
}


@pytest.mark.parametrize("what", PERSONAL)
def test_marks_numbers_and_free_text_do_not_stay(what: str) -> None:
    """In no event, command or act that carries them; the whole of it is in the payload."""
    kept, whole = redact(canonical({"event": PERSONAL[what], "commands": (PERSONAL[what],)}).decode())
    assert any(secret in whole for secret in (MARK, NUMBER, DETAIL))
    assert not [secret for secret in (MARK, NUMBER, DETAIL, "10-AA-123", "Rauf") if secret in kept]
    assert json.loads(kept)["event"]["type"] == type(PERSONAL[what]).__name__


def test_what_an_auditor_needs_stays() -> None:
    """Who acted, what was decided and by which rule and version, when, and which pictures."""
    kept = json.loads(redact(canonical({"event": PERSONAL["a decision"], "to": "directed"}).decode())[0])
    decision = kept["event"]["decision"]
    assert (decision["outcome"], decision["corridor"], decision["policy_version"]) == (
        "DIRECT",
        "RED",
        "demo-1",
    )
    assert decision["findings"] == [
        {"type": "Finding", "code": "plate-differs", "rule": "8.0.1", "outcome": "HOLD"}
    ]
    assert (kept["to"], kept["event"]["lane_label"], kept["event"]["at"]["mono"]) == ("directed", "4", 12.5)
    act = json.loads(redact(canonical({"act": PERSONAL["a release"], "done": True}).decode())[0])
    assert (act["act"]["officer"], act["act"]["visit_id"], act["done"]) == ("leyla", "v1", True)
    read = json.loads(redact(canonical({"event": PERSONAL["a plate read"]}).decode())[0])["event"]["read"]
    assert (read["evidence"], read["sure"]) == (["ab" * 32, "cd" * 32], True)


def test_an_entry_with_nothing_personal_has_no_payload() -> None:
    """Most entries are inputs: their body stays as it is."""
    moved = DetectorChanged(at=WHEN, detector=Loop.ARMING, state=Occupancy.OCCUPIED)
    kept, whole = redact(
        canonical({"event": moved, "from": "free", "to": "reading", "commands": ()}).decode()
    )
    assert kept == whole


_SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(min_size=1, max_size=12)
_KEYS = st.sampled_from(sorted(_KEPT)) | st.text(max_size=8)
_BODIES = st.dictionaries(
    _KEYS,
    st.recursive(
        _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4)
    ),
    max_size=6,
)


def _strangers(value: object, key: str | None = None) -> list[object]:
    """Every string and number that stands under a key nobody vouched for."""
    if isinstance(value, dict):
        found = [text for name, inner in value.items() for text in _strangers(inner, name)]
        return found + [name for name in value if name not in _KEPT]
    if isinstance(value, list):
        return [text for inner in value for text in _strangers(inner, key)]
    return [] if value is None or key in _KEPT else [value]


@given(_BODIES)
def test_nothing_under_an_unknown_key_stays(body: dict[str, object]) -> None:
    """Whatever the shape: not the value, not what lies under it, not the key itself."""
    kept, whole = redact(json.dumps(body))
    assert _strangers(json.loads(kept)) == []
    assert json.loads(whole) == body


@given(st.text(min_size=1, max_size=30), st.sampled_from(sorted(_KEPT)))
def test_what_stays_under_a_known_key_looks_as_it_must(text: str, key: str) -> None:
    """A free text under a known key goes too: spaces and letters beyond ASCII only where names are meant."""
    (stays,) = json.loads(redact(json.dumps({"act": {key: text, "event": [{key: [text]}]}}))[0]).values()
    listed = json.dumps(stays.get("event"))
    pattern = _KEPT[key]
    if pattern is None or not pattern(text):
        assert json.dumps(text) not in listed
        assert key not in stays or key == "event"
    else:
        assert stays[key] == text
        names = ("officer", "second", "answered_by", "notice", "account", "acted_by", "lane_label", "label")
        assert key in names or (text.isascii() and " " not in text)


@given(_BODIES)
def test_what_stays_is_part_of_the_whole(body: dict[str, object]) -> None:
    """The auditor's check agrees with what is written, and does not when something is put in."""
    kept, whole = (json.loads(text) for text in redact(json.dumps(body)))
    assert is_part(kept, whole)
    assert not is_part({**kept, "corridor": "a forged one"}, whole)


@given(_BODIES)
def test_redacting_twice_is_redacting_once(body: dict[str, object]) -> None:
    """What stays, stays: the list is no matter of chance."""
    kept, _ = redact(json.dumps(body))
    assert redact(kept)[0] == kept


def test_times_stay_in_any_zone() -> None:
    """A deadline, a time of first presence: dates are no secret."""
    when = (AT + timedelta(hours=1)).isoformat()
    assert json.loads(redact(json.dumps({"first_presence": when}))[0]) == {"first_presence": when}
