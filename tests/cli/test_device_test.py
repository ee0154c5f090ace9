"""`gate device test`: an engineer beside the boom, and nothing that moves without one."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import pytest

from gate.cli.device.alone import heed_interrupt
from gate.lanes.events import Detector
from hardware.emulators.camera import CameraServer
from tests.cli.calling import gate
from tests.cli.commissioning import LANE, Lane, Talk, device, mqtt_lane, serial_lane
from tests.hardware.posted import eventually

BY = ("--engineer", "Elvin Məmmədov")


async def by_hand(talk: Talk, lane: Lane, detector: Detector) -> None:
    """Interrupt a detector when asked, and free it again."""
    await talk.until(f"Interrupt the {detector.value} now")
    lane.ground.set_detector(detector, True)
    await talk.until("free it again")
    lane.ground.set_detector(detector, False)


async def raised(talk: Talk, lane: Lane) -> None:
    """Lead the test of the boom to the question before it lowers."""
    await talk.until("about to raise. [y/N]")
    talk.answer("y")
    await by_hand(talk, lane, Detector.SAFETY)
    await talk.until("about to lower. [y/N]")


async def test_the_boom_of_a_serial_lane(tmp_path: Path) -> None:
    """Up, its loop proved, down: each asked for, timed by the limit switches, recorded before it moves."""
    async with serial_lane(tmp_path) as lane:
        lane.phase("maintenance")
        async with device("test", LANE, "barrier", "-c", lane.config, *BY, "--json") as talk:
            await talk.until("about to raise. [y/N]")
            assert lane.moved() == []
            talk.answer("y")
            await by_hand(talk, lane, Detector.SAFETY)
            await talk.until("about to lower. [y/N]")
            assert lane.moved() == ["raise"]
            talk.answer("y")
            report = await talk.line()
            code, _ = await talk.ends()
        assert lane.moved() == ["raise", "lower"]
        assert all(pulse.timed and not pulse.area_occupied for pulse in lane.ground.pulses)
        assert lane.ground.limit_down
    assert (code, report["result"]) == (0, "passed")
    timed = {step["what"]: step["seconds"] for step in report["steps"]}
    assert 0.4 <= timed["opened"] < 2
    assert 0.4 <= timed["closed"] < 2
    begun, up, down, ended = lane.record()
    assert {line["engineer"] for line in lane.record()} == {"Elvin Məmmədov"}
    assert (begun["event"], up["kind"], down["kind"], ended["result"]) == (
        "begun",
        "raise",
        "lower",
        "passed",
    )
    assert down["inputs"] == {"arming": "clear", "safety": "clear", "barrier": "up"}


async def test_everything_of_an_mqtt_lane(tmp_path: Path) -> None:
    """`all` proves inputs, board, signal and boom; the report names each with its time."""
    async with mqtt_lane(tmp_path) as lane:
        async with device("test", LANE, "all", "-c", lane.config, *BY, "--new-site") as talk:
            await by_hand(talk, lane, Detector.ARMING)
            await by_hand(talk, lane, Detector.SAFETY)
            for text in ("GO", "WAIT: OFFICER COMING", "CLOSED"):
                await talk.until(f'{text}"? [y/N]')
                assert lane.board.text.endswith(text)
                talk.answer("y")
            for aspect in ("red", "green"):
                await talk.until(f"signal show {aspect}? [y/N]")
                assert lane.ground.signal == aspect
                talk.answer("yes")
            await raised(talk, lane)
            assert lane.ground.signal == "red"
            talk.answer("y")
            code, report = await talk.ends()
        assert lane.moved() == ["raise", "lower"]
    assert code == 0
    assert ": PASSED\n" in report
    assert "(shown by the board's own word, seen by the engineer)" in report
    assert f"kept in {lane.data}/commissioning.jsonl" in report
    assert all(str(pulse.decision_id).startswith("commissioning-") for pulse in lane.ground.pulses)


async def test_it_never_lowers_onto_something(tmp_path: Path) -> None:
    """Whatever the engineer answers: with the loop occupied no closing pulse goes out; recorded."""
    async with serial_lane(tmp_path) as lane:
        async with device("test", LANE, "barrier", "-c", lane.config, *BY, "--new-site") as talk:
            await raised(talk, lane)
            lane.ground.set_detector(Detector.SAFETY, True)
            answered = lane.modbus.requests
            await eventually(lambda: lane.modbus.requests > answered + 2)  # polls of the process under test
            talk.answer("y")
            code, report = await talk.ends()
        assert lane.moved() == ["raise"]
    assert code == 1
    assert "lower: not moved, safety is occupied" in report
    assert [line["event"] for line in lane.record()][-2:] == ["pulse withheld", "ended"]


async def test_it_stops_when_somebody_steps_under_it(tmp_path: Path) -> None:
    """Something on the loop while the boom comes down: the stop goes out, and the test has failed."""
    async with serial_lane(tmp_path) as lane:
        async with device("test", LANE, "barrier", "-c", lane.config, *BY, "--new-site") as talk:
            await raised(talk, lane)
            talk.answer("y")
            await lane.ground.wait_until(lambda: "lower" in lane.moved(), 20)
            lane.ground.set_detector(Detector.SAFETY, True)
            code, report = await talk.ends()
        assert lane.moved() == ["raise", "lower", "stop"]
    assert code == 1
    assert "lower: safety is occupied" in report


async def test_ctrl_c_stops_the_boom(tmp_path: Path) -> None:
    """Interrupted while it moves: the stop goes out, the record says interrupted, exit 130."""
    async with serial_lane(tmp_path) as lane:
        lane.ground._travel = 30
        async with device("test", LANE, "barrier", "-c", lane.config, *BY, "--new-site") as talk:
            await talk.until("about to raise. [y/N]")
            talk.answer("y")
            await lane.ground.wait_until(lambda: lane.moved() == ["raise"], 20)
            talk.process.send_signal(signal.SIGINT)
            code, report = await talk.ends()
        assert lane.moved() == ["raise", "stop"]
    assert code == 130
    assert ": INTERRUPTED\n" in report
    assert lane.record()[-1]["result"] == "interrupted"


async def test_an_interrupt_that_a_library_keeps_to_itself_is_heeded() -> None:
    """asyncio.wait_for swallows Ctrl-C when the answer comes in that moment; the boom stops for all that."""

    async def keeps_it() -> None:
        this = asyncio.current_task()
        assert this is not None
        this.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
        heed_interrupt()

    heed_interrupt()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(keeps_it())


@pytest.mark.parametrize("answer", ["n", "", "yes please", "\x04"])
async def test_anything_but_yes_is_no(tmp_path: Path, answer: str) -> None:
    """Nothing moves, and the test has failed."""
    async with serial_lane(tmp_path) as lane:
        async with device("test", LANE, "barrier", "-c", lane.config, *BY, "--new-site") as talk:
            await talk.until("about to raise. [y/N]")
            talk.answer(answer)
            code, report = await talk.ends()
        assert lane.moved() == []
    assert code == 1
    assert "raise: not moved, the engineer said no" in report


async def test_the_end_of_input_is_no(tmp_path: Path) -> None:
    """A script that runs out of answers moves nothing."""
    async with serial_lane(tmp_path) as lane:
        done = await gate("device", "test", LANE, "barrier", "-c", lane.config, *BY, "--new-site")
        assert lane.moved() == []
    assert done.code == 1
    assert "(no answer)" in done.err


async def test_maintenance_that_ends_meanwhile(tmp_path: Path) -> None:
    """The lane was given back to traffic while the engineer hesitated: the boom does not move."""
    async with serial_lane(tmp_path) as lane:
        lane.phase("maintenance")
        async with device("test", LANE, "barrier", "-c", lane.config, *BY) as talk:
            await talk.until("about to raise. [y/N]")
            (lane.data / "journal.db").unlink()
            lane.phase("free")
            talk.answer("y")
            code, report = await talk.ends()
        assert lane.moved() == []
    assert code == 1
    assert "exit-1 is free, not in maintenance" in report


@pytest.mark.parametrize(
    ("phase", "words", "said"),
    [
        ("free", (), "exit-1 is free, not in maintenance"),
        ("raising", (), "officers' console"),
        ("maintenance", ("--new-site",), "the gate has run here"),
        (None, (), "--new-site"),
    ],
)
async def test_lanes_that_are_not_ours(
    tmp_path: Path, phase: str | None, words: tuple[str, ...], said: str
) -> None:
    """In traffic, or of a site whose journal is not where it should be: exit 4, nothing asked, no record."""
    async with serial_lane(tmp_path) as lane:
        if phase is not None:
            lane.phase(phase)
        done = await gate("device", "test", LANE, "barrier", "-c", lane.config, *BY, *words)
        assert lane.modbus.requests == 0
    assert done.code == 4
    assert said in done.err
    assert lane.record() == []


async def test_a_lane_the_journal_does_not_know(tmp_path: Path) -> None:
    """A lane added since the gate last ran has no phase: the gate must know it first."""
    async with serial_lane(tmp_path) as lane:
        lane.phase("maintenance")
        text = lane.config.read_text().replace("name: exit-1", "name: exit-2")
        lane.config.write_text(text)
        done = await gate("device", "test", "exit-2", "barrier", "-c", lane.config, *BY)
    assert done.code == 4
    assert "exit-2 is not known to the gate" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("test", LANE, "barrier", *BY, "--new-site", "--yes"), "mode is production"),
        (("test", LANE, "camera", *BY, "--new-site"), "exit-1 has no camera: it has inputs, board, signal"),
        (("test", LANE, "barrier", "--new-site"), "--engineer"),
        (("test", LANE, "barrier", "--engineer", " ", "--new-site"), "needs a name"),
    ],
)
async def test_wrong_usage(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """Exit 2, before a device hears anything."""
    async with serial_lane(tmp_path) as lane:
        done = await gate("device", *words, "-c", lane.config)
        assert lane.modbus.requests == 0
    assert done.code == 2
    assert said in done.err


async def test_no_record_no_movement(tmp_path: Path) -> None:
    """Where commissioning.jsonl cannot be written nothing is even begun."""
    async with serial_lane(tmp_path) as lane:
        (lane.data / "commissioning.jsonl").mkdir()
        done = await gate("device", "test", LANE, "barrier", "-c", lane.config, *BY, "--new-site")
        assert lane.moved() == []
    assert done.code == 1
    assert "nothing is moved without a record" in done.err


async def test_a_silent_device(tmp_path: Path) -> None:
    """A board that does not answer: the driver's own reason, exit 1."""
    async with serial_lane(tmp_path) as lane:
        lane.ground.mute()
        done = await gate("device", "test", LANE, "inputs", "-c", lane.config, *BY, "--new-site")
    assert done.code == 1
    assert "io does not answer: the board on" in done.out


async def test_a_camera(tmp_path: Path) -> None:
    """It passes with its first picture, whose size the report tells."""
    async with serial_lane(tmp_path) as lane, CameraServer() as cameras:
        cameras.show(LANE, None)
        lane.add_camera(cameras.url(LANE))
        done = await gate("device", "test", LANE, "camera", "-c", lane.config, *BY, "--new-site")
    assert done.code == 0, done.err
    assert "camera: a picture of 1280x720" in done.out


async def test_a_file_that_is_no_journal(tmp_path: Path) -> None:
    """Whether the lane is in maintenance cannot be known: nothing is tried."""
    async with serial_lane(tmp_path) as lane:
        (lane.data / "journal.db").write_bytes(b"not a database" * 100)
        done = await gate("device", "test", LANE, "barrier", "-c", lane.config, *BY)
        assert lane.modbus.requests == 0
    assert done.code == 1
    assert "journal.db is not a journal" in done.err


async def test_yes_for_emulated_barriers(tmp_path: Path) -> None:
    """A demo site may be tested by a script; the record says that nobody looked."""
    async with serial_lane(tmp_path, mode="demo") as lane:
        done = await gate("device", "test", LANE, "signal", "-c", lane.config, *BY, "--new-site", "--yes")
    assert done.code == 0
    assert "signal green (nobody looked (--yes))" in done.out
    assert lane.record()[0]["yes"] is True
