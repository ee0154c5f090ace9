"""The lines between the daemon and its plate-reading child: what is said comes back, the rest is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gate.anpr.quality import Quality
from gate.anpr.wire import (
    ORDERS,
    REPORTS,
    Answer,
    CameraFigures,
    CameraState,
    Heartbeat,
    Leaving,
    QualityBody,
    ReadBody,
    Ready,
    Refused,
    Start,
    Stop,
)
from gate.model import PlateRead, RegistrationMark

NAMES = st.text(min_size=1, max_size=128)
SHARE = st.floats(0, 1)
EVIDENCE = st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), max_size=2).map(tuple)
READS = st.builds(
    PlateRead,
    st.from_regex(r"[0-9A-Z]{1,16}", fullmatch=True).map(RegistrationMark),
    st.none() | st.from_regex(r"[A-Z]{2}", fullmatch=True),
    SHARE,
    st.integers(1, 1000),
    st.booleans(),
    EVIDENCE,
)
QUALITIES = st.builds(
    Quality, st.none() | st.floats(0, 100), st.none() | SHARE, st.none() | SHARE, SHARE, SHARE
)
BODIES = READS.map(ReadBody.of)
ORDER = st.builds(Start, point=NAMES, passage=NAMES, seconds=st.floats(0, 3600)) | st.builds(
    Stop, point=NAMES, passage=NAMES
)
REPORT = st.one_of(
    st.just(Ready()),
    st.builds(Heartbeat, passages=st.integers(0, 99)),
    st.builds(Answer, point=NAMES, passage=NAMES, read=st.none() | BODIES, trailer=st.none() | BODIES),
    st.builds(CameraState, point=NAMES, fault=st.none() | st.text(max_size=500)),
    st.builds(
        CameraFigures,
        point=NAMES,
        age=st.none() | st.floats(0, 1e6),
        refused=st.dictionaries(
            st.from_regex(r"[a-z-]{1,32}", fullmatch=True), st.integers(0, 10**6), max_size=16
        ),
        read=st.integers(0, 10**6),
        unchanged=st.integers(0, 10**6),
        old=st.integers(0, 10**6),
        quality=st.none() | QUALITIES.map(QualityBody.of),
    ),
    st.builds(Leaving, reason=st.text(max_size=500)),
    st.builds(Refused, reason=st.text(max_size=500)),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(ORDER)
def test_an_order_comes_back_as_it_was_given(order: Start | Stop) -> None:
    """One line each, whatever the names hold."""
    line = order.encode()
    assert line.count(b"\n") == 1
    assert ORDERS.validate_json(line) == order


@given(REPORT)
def test_a_report_comes_back_as_it_was_told(report: Any) -> None:
    """One line each; a read is the read it was."""
    line = report.encode()
    assert line.count(b"\n") == 1
    assert REPORTS.validate_json(line) == report


@given(READS)
def test_a_read_survives_its_way(read: PlateRead) -> None:
    """Mark, country, confidence, evidence: nothing is lost between the processes."""
    answer = REPORTS.validate_json(Answer(point="a", passage="p", read=ReadBody.of(read)).encode())
    assert isinstance(answer, Answer)
    assert answer.read is not None
    assert answer.read.to_read() == read


@given(QUALITIES)
def test_a_quality_survives_its_way(quality: Quality) -> None:
    """Figures that are not known stay unknown."""
    assert QualityBody.model_validate_json(QualityBody.of(quality).encode()).to_quality() == quality


@given(st.binary(max_size=300))
def test_bytes_that_are_no_line_are_refused(line: bytes) -> None:
    """Whatever a dying child or a library writes there: a refusal, and nothing worse."""
    for adapter in (ORDERS, REPORTS):
        try:
            adapter.validate_json(line)
        except ValidationError:
            continue


@given(REPORT, st.data())
def test_a_spoilt_report_is_refused_or_is_another_whole_one(report: Any, data: st.DataObject) -> None:
    """A field gone, exchanged or added: never half a report."""
    said = json.loads(report.encode())
    field = data.draw(st.sampled_from(sorted(said)))
    if data.draw(st.booleans()):
        said[field] = data.draw(JSON)
    else:
        said[data.draw(st.text(max_size=10))] = data.draw(JSON)
    try:
        heard = REPORTS.validate_json(json.dumps(said))
    except ValidationError:
        return
    assert REPORTS.validate_json(heard.encode()) == heard


@pytest.mark.parametrize(
    "read",
    [
        '{"mark":"10aa123","country":null,"confidence":1,"frames":1,"sure":true,"evidence":[]}',
        '{"mark":"10AA123","country":null,"confidence":NaN,"frames":1,"sure":true,"evidence":[]}',
        '{"mark":"10AA123","country":null,"confidence":1.5,"frames":1,"sure":true,"evidence":[]}',
        '{"mark":"10AA123","country":null,"confidence":1,"frames":0,"sure":true,"evidence":[]}',
        '{"mark":"10AA123","country":null,"confidence":1,"frames":1,"sure":true,"evidence":["../../etc"]}',
    ],
)
def test_a_read_that_cannot_be_is_refused(read: str) -> None:
    """No mark in small letters, no confidence above one or of no number, no evidence that is a path."""
    line = f'{{"type":"answer","point":"a","passage":"p","read":{read}}}'
    with pytest.raises(ValidationError):
        REPORTS.validate_json(line)
