"""One contract, every Signboard driver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import DeviceFaulted, DeviceRecovered
from gate.lanes.signage import board_lines
from gate.model import Corridor
from hardware.emulators.alpha_board import AlphaBoard
from hardware.signboards.alpha_codec import Colour, Frame, Text, build_frame, write_text
from tests.hardware.conftest import BoardBench, board_bench, running
from tests.hardware.posted import eventually

DRIVERS = ["alpha-serial", "mqtt", "ntcip", "ntcip-v3"]
DIRECT = BoardMessage(MessageKind.DIRECT, lane="2", corridor=Corridor.BLUE)
WAIT = BoardMessage(MessageKind.WAIT)
BLANK = BoardMessage(MessageKind.BLANK)
WAIT_LINE = board_lines(WAIT)[1]


@pytest.fixture(params=DRIVERS)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BoardBench]:
    """A board and its driver, not running."""
    async with board_bench(request.param, tmp_path) as made:
        yield made


@pytest.fixture
async def live(bench: BoardBench) -> AsyncIterator[BoardBench]:
    """The same, running, its first text shown."""
    async with running(bench.driver, bench.posted):
        await shown(bench, BLANK)
        yield bench


async def shown(bench: BoardBench, message: BoardMessage) -> None:
    """Show once the driver has found its board: at start it knows nothing of it yet."""
    async with asyncio.timeout(10):
        while True:
            try:
                await bench.driver.show(message)
            except DeviceError:
                await asyncio.sleep(
                    0.01
                )  # ask again; the board's coming is not posted when nothing was wrong
            else:
                return


def refused() -> float:
    """How many words of boards were refused so far, over serial line, network or broker."""
    return sum(
        sample.value
        for family in REGISTRY.collect()
        if family.name in ("gate_board_refused", "gate_mqtt_refused")
        for sample in family.samples
        if sample.name.endswith("_total")
    )


async def test_a_direction_is_shown_in_its_corridors_colour(live: BoardBench) -> None:
    """Both lines, and the colour where the board has it."""
    for corridor in Corridor:
        message = BoardMessage(MessageKind.DIRECT, lane="2", corridor=corridor)
        await live.driver.show(message)
        assert live.board.lines == tuple(live.fold(line) for line in board_lines(message))
        assert live.board.colour == live.colour(corridor)


async def test_every_kind_of_message_is_shown(live: BoardBench) -> None:
    """Whatever a lane can say, its board says, in the letters it has."""
    for kind in MessageKind:
        message = BoardMessage(kind, "2", Corridor.RED) if kind is MessageKind.DIRECT else BoardMessage(kind)
        await live.driver.show(message)
        assert live.board.text == "\n".join(live.fold(line) for line in board_lines(message)).strip()


async def test_every_text_is_shown_once_and_in_order(live: BoardBench) -> None:
    """One show, one text on the board."""
    before = len(live.board.texts)
    await live.driver.show(DIRECT)
    await live.driver.show(WAIT)
    assert [lines[-1] for lines in live.board.texts[before:]] == ["LANE 2 BLUE", WAIT_LINE]


async def test_wait_is_amber_whatever_came_before(live: BoardBench) -> None:
    """The neutral text borrows no colour from a corridor."""
    await live.driver.show(DIRECT)
    await live.driver.show(WAIT)
    assert live.board.colour == live.colour(None)


async def test_blank_is_dark(live: BoardBench) -> None:
    """Nothing to say, nothing shown."""
    await live.driver.show(DIRECT)
    await live.driver.show(BLANK)
    assert live.board.text == ""


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_board_speaks_its_languages_and_points(driver: str, tmp_path: Path) -> None:
    """Turkish above English, the arrow of the lane where it has one, the board's own where not."""
    said = {"languages": ("tr", "en"), "arrow": "ahead", "arrows": {"2": "left", "3": "right", "4": "none"}}
    async with board_bench(driver, tmp_path, **said) as bench, running(bench.driver, bench.posted):
        await shown(bench, DIRECT)
        assert bench.board.lines == (bench.fold("← ŞERİT 2 MAVİ"), "← LANE 2 BLUE")
        for lane, line in (("3", "LANE 3 BLUE →"), ("4", "LANE 4 BLUE"), ("1", "LANE 1 BLUE ↑")):
            await bench.driver.show(BoardMessage(MessageKind.DIRECT, lane, Corridor.BLUE))
            assert bench.board.lines[-1] == line
        await bench.driver.show(WAIT)
        assert bench.board.lines[-1] == WAIT_LINE


async def test_of_two_quick_messages_the_last_one_stands(live: BoardBench) -> None:
    """The second does not wait for the first to be looked at, and the first does not come back."""
    await asyncio.gather(live.driver.show(DIRECT), live.driver.show(WAIT))
    assert live.board.lines[-1] == WAIT_LINE
    await live.driver.show(WAIT)
    assert live.board.lines[-1] == WAIT_LINE
    assert not live.posted.faulted


async def test_a_silent_board_is_one_fault_and_gets_the_latest_text_on_return(live: BoardBench) -> None:
    """What could not be shown stays wanted; an older text does not stay on a board that is back."""
    await live.driver.show(DIRECT)
    live.board.mute()
    with pytest.raises(DeviceError):
        await live.driver.show(WAIT)
    await live.posted.until(lambda: live.posted.faulted)
    live.board.unmute()
    await live.posted.until(lambda: not live.posted.faulted)
    await live.board.wait_until(lambda: WAIT_LINE in live.board.text)
    assert len(live.posted.of(DeviceFaulted)) == 1
    assert len(live.posted.of(DeviceRecovered)) == 1


async def test_an_unplugged_board_mends_itself(live: BoardBench) -> None:
    """Plug out: fault. Plug in: recovered, the text there."""
    await live.driver.show(DIRECT)
    live.board.unplug()
    await live.posted.until(lambda: live.posted.faulted)
    with pytest.raises(DeviceError):
        await live.driver.show(WAIT)
    live.board.plug()
    await live.board.wait_until(lambda: WAIT_LINE in live.board.text)
    await live.posted.until(lambda: not live.posted.faulted)


async def test_a_board_that_acknowledges_and_shows_something_else_is_a_fault(live: BoardBench) -> None:
    """Its word is not enough: until the text is read back from it, the board is at fault, once."""
    await live.driver.show(DIRECT)
    live.board.stuck = True
    with pytest.raises(DeviceError, match="something else"):
        await live.driver.show(WAIT)
    assert live.posted.faulted
    assert "LANE 2 BLUE" in live.board.text
    live.board.stuck = False
    await live.board.wait_until(lambda: WAIT_LINE in live.board.text)
    await live.posted.until(lambda: not live.posted.faulted)
    assert len(live.posted.of(DeviceFaulted)) == 1


async def test_what_a_board_shows_is_told_by_its_own_answer(live: BoardBench) -> None:
    """Ours once it was read back; another's text as another's; nothing at all of a board that is silent."""
    await live.driver.show(DIRECT)
    told = live.driver.readback
    assert told is not None
    assert told.message == DIRECT
    assert "LANE 2 BLUE" in told.lines
    live.board.stuck = True
    with pytest.raises(DeviceError, match="something else"):
        await live.driver.show(WAIT)
    told = live.driver.readback
    assert told is not None
    assert told.message is None
    assert "LANE 2 BLUE" in told.lines
    live.board.stuck = False
    await live.posted.until(lambda: not live.posted.faulted)
    told = live.driver.readback
    assert told is not None
    assert told.message == WAIT
    live.board.mute()
    await live.posted.until(lambda: live.posted.faulted)
    assert live.driver.readback is None


async def test_a_fault_is_an_error_at_once(live: BoardBench) -> None:
    """A board at fault keeps nobody waiting: the lane's next command may be a raise."""
    live.board.stuck = True
    with pytest.raises(DeviceError):
        await live.driver.show(DIRECT)
    async with asyncio.timeout(0.1):
        with pytest.raises(DeviceError):
            await live.driver.show(WAIT)


async def test_a_board_that_lost_its_memory_is_written_anew(live: BoardBench) -> None:
    """A power cut at the board alone: the text comes back without anybody asking."""
    await live.driver.show(DIRECT)
    live.board.reboot()
    assert live.board.text == ""
    await live.board.wait_until(lambda: "LANE 2 BLUE" in live.board.text)


async def test_somebody_elses_text_is_set_right(live: BoardBench) -> None:
    """A text that is not ours does not stay: drivers would follow it."""
    await live.driver.show(DIRECT)
    live.board.write_over(("LANE 4", "RED"))
    assert "RED" in live.board.text
    await live.board.wait_until(lambda: "LANE 2 BLUE" in live.board.text)


async def test_nonsense_is_refused_counted_and_survived(live: BoardBench) -> None:
    """A word that makes no sense changes nothing but a counter, and the next text is shown."""
    before = refused()
    live.talk_nonsense()
    await live.driver.show(DIRECT)
    await eventually(lambda: refused() > before)
    assert "LANE 2 BLUE" in live.board.text
    assert not live.posted.faulted


async def test_a_board_absent_at_start_shows_the_text_when_it_comes(bench: BoardBench) -> None:
    """The text asked for while it was away is on it when it arrives."""
    bench.board.unplug()
    async with running(bench.driver, bench.posted):
        await bench.posted.until(lambda: bench.posted.faulted)
        with pytest.raises(DeviceError):
            await bench.driver.show(DIRECT)
        bench.board.plug()
        await bench.board.wait_until(lambda: "LANE 2 BLUE" in bench.board.text)
        await bench.posted.until(lambda: not bench.posted.faulted)


async def test_a_garbled_alpha_frame_is_sent_again(tmp_path: Path) -> None:
    """NAK twice, then ACK: the text is shown once and no fault is posted."""
    async with board_bench("alpha-serial", tmp_path) as bench, running(bench.driver, bench.posted):
        assert isinstance(bench.board, AlphaBoard)
        await shown(bench, BLANK)
        bench.board.spoil = 2
        await bench.driver.show(DIRECT)
        assert bench.board.lines[-1] == "LANE 2 BLUE"
        assert bench.board.refused == ["spoilt on purpose"] * 2
        assert not bench.posted.faulted


async def test_an_alpha_sign_that_refuses_for_good_is_an_error(tmp_path: Path) -> None:
    """NAK without end: DeviceError, and a fault."""
    async with board_bench("alpha-serial", tmp_path) as bench, running(bench.driver, bench.posted):
        assert isinstance(bench.board, AlphaBoard)
        await shown(bench, BLANK)
        bench.board.spoil = 1000
        with pytest.raises(DeviceError, match="refuses"):
            await bench.driver.show(DIRECT)
        assert bench.posted.faulted


async def test_a_colour_someone_changed_is_not_what_was_asked(tmp_path: Path) -> None:
    """The right words in a wrong corridor's colour mislead: the text is written again."""
    async with board_bench("mqtt", tmp_path) as bench, running(bench.driver, bench.posted):
        await shown(bench, DIRECT)
        assert not isinstance(bench.board, AlphaBoard)
        bench.board.write_over(("ZOLAQ 2 MAVİ", "LANE 2 BLUE"))
        await bench.board.wait_until(lambda: bench.board.colour == "blue")


async def test_what_an_alpha_sign_says_unasked_is_refused(tmp_path: Path) -> None:
    """A late ACK, or another master's answer, is not taken for the answer to our question."""
    async with board_bench("alpha-serial", tmp_path) as bench, running(bench.driver, bench.posted):
        assert isinstance(bench.board, AlphaBoard)
        await shown(bench, DIRECT)
        before = refused()
        bench.board.interject(b"\x06" + build_frame(Frame(write_text(Text(("LANE 4 RED",), Colour.RED)))))
        await eventually(lambda: refused() >= before + 2)
        await bench.driver.show(WAIT)
        assert bench.board.lines[-1] == WAIT_LINE
        assert not bench.posted.faulted
