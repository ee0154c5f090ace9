"""The stages of a read."""

from __future__ import annotations

import threading

import pytest

from gate.anpr.stages import recorded, stage


def test_stages_are_told_in_the_order_they_were_come_to() -> None:
    """The same stage again adds to its time; what was not come to is not there."""
    with recorded() as times:
        with stage("finding"):
            pass
        once = times["finding"]
        with stage("reading"):
            pass
        with stage("finding"):
            pass
    assert list(times) == ["finding", "reading"]
    assert times["finding"] > once > 0


def test_a_stage_that_fails_has_taken_its_time() -> None:
    """And the failure goes on its way."""
    with recorded() as times, pytest.raises(ZeroDivisionError), stage("decoding"):
        _ = 1 / 0
    assert times["decoding"] > 0


def test_nobody_asks_nobody_records() -> None:
    """Outside the block, and in another thread, a stage is of no record."""
    with recorded() as times:
        other = threading.Thread(target=_read)
        other.start()
        other.join()
    _read()
    assert times == {}
    with recorded() as outer, recorded() as inner:
        _read()
    assert (list(outer), list(inner)) == ([], ["reading"])


def _read() -> None:
    with stage("reading"):
        pass
