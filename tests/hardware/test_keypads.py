"""The keypad terminal's driver against the terminal at the far end of a pseudo-terminal."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gate.kiosk.ports import Beep, Key, Screen
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole
from hardware.emulators.keypad import ALONE
from hardware.kiosk.keypad_codec import Pressed, build
from tests.hardware.kiosk_benches import KeypadBench, going, keypad_bench, refused
from tests.hardware.posted import eventually

WELCOME = Screen(("Type your number", "13 digits"))
THANKS = Screen(("Thank you", "Please wait"), Beep.TAKEN)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[KeypadBench]:
    """A terminal and its driver, not running."""
    async with keypad_bench(tmp_path) as made:
        yield made


@pytest.fixture
async def live(bench: KeypadBench) -> AsyncIterator[KeypadBench]:
    """The same, running, its first screen shown."""
    async with going(bench.driver.run(bench.posted, bench.pressed)):
        bench.driver.show(WELCOME)
        await bench.device.wait_until(lambda: bench.device.screen == WELCOME)
        yield bench


async def test_keys_come_once_and_in_order(live: KeypadBench) -> None:
    """All fourteen of them."""
    live.device.press("0123456789CEHL")
    await live.until_pressed(14)
    assert "".join(live.keys) == "0123456789CEHL"


async def test_a_screen_is_shown_and_sounded_once(live: KeypadBench) -> None:
    """Wanting the same again changes nothing at the terminal."""
    live.driver.show(THANKS)
    live.driver.show(THANKS)
    await live.device.wait_until(lambda: live.device.screen == THANKS)
    live.device.press("5")
    await live.until_pressed(1)
    assert live.device.screens[1:] == [THANKS]
    assert live.device.beeps == [Beep.TAKEN]


async def test_a_screen_lost_on_the_wire_is_sent_again(live: KeypadBench) -> None:
    """The terminal's next heartbeat says that it shows another."""
    live.device.deaf = 2
    live.driver.show(THANKS)
    await live.device.wait_until(lambda: live.device.screen == THANKS)
    assert live.device.deaf == 0


async def test_a_terminal_that_forgot_its_screen_gets_it_back(live: KeypadBench) -> None:
    """A power cut at the terminal is nobody's errand."""
    live.device.reboot()
    assert live.device.screen == ALONE
    await live.device.wait_until(lambda: live.device.screen == WELCOME)


async def test_a_silent_terminal_is_one_fault_and_mends_itself(live: KeypadBench) -> None:
    """With what to do; the screen wanted meanwhile is on it when it is back."""
    live.device.mute()
    await live.posted.until(lambda: live.posted.faulted)
    (fault,) = live.posted.of(DeviceFaulted)
    assert fault.device is DeviceRole.KEYPAD
    assert "does not answer" in fault.reason
    live.driver.show(THANKS)
    live.device.unmute()
    await live.posted.until(lambda: not live.posted.faulted)
    await live.device.wait_until(lambda: live.device.screen == THANKS)
    assert len(live.posted.of(DeviceRecovered)) == 1


async def test_a_pulled_plug_is_a_fault_and_mends_itself(live: KeypadBench) -> None:
    """The terminal shows its own text while it hears nothing."""
    live.device.unplug()
    await live.posted.until(lambda: live.posted.faulted)
    await live.device.wait_until(lambda: live.device.screen == ALONE)
    live.device.plug()
    await live.posted.until(lambda: not live.posted.faulted)
    await live.device.wait_until(lambda: live.device.screen == WELCOME)


async def test_a_stuck_key_is_refused_and_named(live: KeypadBench) -> None:
    """The first presses count, the rest do not; once it is still it counts again, and the fault is over."""
    before = refused("keypad", "stuck-key")
    live.device.press("5" * 60)
    await live.posted.until(lambda: live.posted.faulted)
    assert "key 5" in live.posted.of(DeviceFaulted)[0].reason
    await eventually(lambda: refused("keypad", "stuck-key") - before == 46)
    assert live.keys == [Key.FIVE] * 14
    live.device.press("7")
    await live.until_pressed(15)
    assert not live.posted.faulted


async def test_a_frame_that_comes_twice_is_one_press(live: KeypadBench) -> None:
    """A radio bridge repeats what it is not sure of."""
    before = refused("keypad", "repeated")
    # Sequence numbers of their own, so that no heartbeat comes between.
    live.device.send(build(Pressed(700, Key.ONE)) * 2 + build(Pressed(701, Key.ONE)))
    await live.until_pressed(2)
    assert live.keys == [Key.ONE, Key.ONE]
    assert refused("keypad", "repeated") - before == 1


async def test_noise_and_wrong_checksums_are_counted_and_the_next_key_is_heard(live: KeypadBench) -> None:
    """Garbage of every kind; the line is whole again at the next end of line."""
    before = refused("keypad", "damaged"), refused("keypad", "too-long")
    live.device.send(b"$K,001,5*0000\n" + b"$" + b"8" * 200 + b"\n" + b"OK\r\n")
    live.device.send(os.urandom(3000))
    live.device.send(b"\n")
    live.device.press("9")
    await eventually(lambda: live.keys[-1:] == [Key.NINE])
    assert live.keys == [Key.NINE]
    after = refused("keypad", "damaged"), refused("keypad", "too-long")
    assert after[0] - before[0] >= 2
    assert after[1] - before[1] >= 1


async def test_a_looped_plug_is_no_terminal(live: KeypadBench) -> None:
    """Our own frames coming back keep nobody alive."""
    before = refused("keypad", "unasked")
    from hardware.kiosk.keypad_codec import GateAlive

    live.device.send(build(GateAlive(1)) * 3)
    await eventually(lambda: refused("keypad", "unasked") - before == 3)
