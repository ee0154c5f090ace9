"""Topics and payloads of the contract: what is written is read back; nothing else does harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gate.lanes.events import Aspect, BarrierPosition, Occupancy
from hardware.links.contract import (
    MAX_PAYLOAD_BYTES,
    VERSION,
    Ack,
    Address,
    Availability,
    BoardState,
    Command,
    DeviceNote,
    IoState,
    PayloadRefusedError,
    names_other_version,
    parse_topic,
    read_payload,
)

MODELS: tuple[type[Any], ...] = (IoState, BoardState, Availability, DeviceNote, Ack, Command)
REASONS = {"too-large", "not-json", "wrong-version", "wrong-shape"}

words = st.text(min_size=1, max_size=64)
lines = st.tuples(st.text(max_size=64), st.text(max_size=64))
numbers = st.integers(0, 2**53)
stated = {"boot_id": words, "seq": numbers, "lane_seq": numbers}
payloads = st.one_of(
    st.builds(Availability, boot_id=words, state=st.sampled_from(["online", "offline"])),
    st.builds(
        IoState,
        **stated,
        arming=st.sampled_from(Occupancy),
        safety=st.sampled_from(Occupancy),
        barrier=st.sampled_from(BarrierPosition),
        signal=st.none() | st.sampled_from(Aspect),
    ),
    st.builds(BoardState, **stated, lines=lines, colour=st.text(max_size=64)),
    st.builds(DeviceNote, boot_id=words, what=st.text(max_size=200)),
    st.builds(
        Ack,
        boot_id=words,
        cmd_id=words,
        result=st.sampled_from(["accepted", "refused", "done", "failed"]),
        reason=st.text(max_size=200),
    ),
    st.builds(
        Command,
        boot_id=words,
        cmd_id=words,
        lane_seq=numbers,
        state_seq=numbers,
        ttl_ms=st.integers(1, 2000),
        decision_id=st.none() | st.text(max_size=128),
        do=st.sampled_from(["raise", "lower", "stop", "signal", "show"]),
        aspect=st.none() | st.sampled_from(Aspect),
        lines=st.none() | lines,
        colour=st.none() | st.text(max_size=64),
    ),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = sorted({field for model in MODELS for field in model.model_fields})


def refusal(model: type[Any], payload: bytes) -> str | None:
    """Why it is refused; None when it is read."""
    try:
        read_payload(model, payload)
    except PayloadRefusedError as error:
        return error.reason
    return None


@given(payloads)
def test_a_payload_is_read_back_as_it_was_written(payload: Any) -> None:
    """Every kind, with whatever its fields may hold; it says its version."""
    written = payload.dump()
    assert read_payload(type(payload), written) == payload
    assert json.loads(written)["v"] == VERSION


@given(payloads, json_values.filter(lambda v: v != VERSION))
@example(Availability(boot_id="b", state="online"), 2)
def test_another_version_is_refused_as_that(payload: Any, version: object) -> None:
    """Whatever else the payload says, and whatever it takes for a version."""
    told = json.loads(payload.dump()) | {"v": version}
    assert refusal(type(payload), json.dumps(told).encode()) in {"wrong-version", "not-json"}


@given(st.builds(Ack, boot_id=words, cmd_id=words, result=st.just("done")))
def test_a_payload_that_says_no_version_is_of_its_topics(ack: Ack) -> None:
    """`v` may be left out; fields of a later make are passed over."""
    told = json.loads(ack.dump())
    del told["v"]
    assert read_payload(Ack, json.dumps(told | {"humidity": 40}).encode()) == ack


@given(st.binary(max_size=400) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    """Only one kind of error comes out, with one of four reasons."""
    assert {refusal(model, payload) for model in MODELS} <= REASONS


@given(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=8))
def test_any_json_is_read_or_refused(told: dict[str, object]) -> None:
    """The right names with the wrong things in them, too."""
    assert {refusal(model, json.dumps(told).encode()) for model in MODELS} <= {*REASONS, None}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_monsters_are_refused(model: type[Any]) -> None:
    """Endless nesting, endless numbers, endless text."""
    assert refusal(model, b"[" * MAX_PAYLOAD_BYTES) == "not-json"
    assert refusal(model, b'{"boot_id":' * 1000) == "not-json"
    assert refusal(model, b'{"boot_id": 1' + b"0" * 9000 + b"}") in REASONS
    assert refusal(model, b" " * (MAX_PAYLOAD_BYTES + 1)) == "too-large"


@given(st.text(max_size=80))
@example("gate/v1/samur/lane-1/io/state")
@example("gate/v1//lane-1/io/state")
@example("gate/v2/samur/lane-1/io/state")
@example("gate/v1/samur/lane-1/io/state/")
def test_any_topic_parses_or_does_not(topic: str) -> None:
    """Never an exception; what parses is written back the same, and is of this version."""
    found = parse_topic(topic)
    if found is not None:
        assert found[0].topic(found[1]) == topic
        assert not names_other_version(topic)


level = st.text(st.characters(exclude_characters="/"), max_size=20)


@given(level, level, level, st.sampled_from(["state", "availability", "event", "cmd", "ack"]))
def test_a_topic_is_read_back_as_it_was_written(site: str, lane: str, device: str, kind: Any) -> None:
    """Whatever stands between the slashes."""
    address = Address(site, lane, device)
    assert parse_topic(address.topic(kind)) == (address, kind)
