"""Road signs: the state machine kept, refusals told in words, no datagram believed that is no answer."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v1
from pysnmp.proto.rfc1902 import Counter32, Integer32, ObjectIdentifier, OctetString

from gate.clock import SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import DeviceFaulted
from gate.model import Corridor
from hardware.emulators.ntcip_sign import COMMUNITY
from hardware.emulators.ntcip_sign import NtcipSign as Sign
from hardware.signboards.ntcip import NtcipSign
from hardware.signboards.ntcip_objects import (
    ACTIVATE,
    ACTIVATE_ERROR,
    CONTROL_MODE,
    TABLE_SOURCE,
    VALIDATE_ERROR,
    ActivateError,
    ActivationCode,
    Column,
    Memory,
    Status,
    ValidateError,
    cell,
    message_crc,
)
from hardware.signboards.snmp import Community, SnmpRefusedError, SnmpSession
from tests.hardware.conftest import BoardBench, board_bench, ntcip_settings, running
from tests.hardware.posted import Posted, eventually
from tests.hardware.test_signboards import BLANK, DIRECT, shown

STATUS = cell(Column.STATUS, Memory.CHANGEABLE)
MULTI = cell(Column.MULTI, Memory.CHANGEABLE)


def refused(reason: str) -> float:
    """How many answers of boards were refused for this reason so far."""
    return REGISTRY.get_sample_value("gate_board_refused_total", {"reason": reason}) or 0.0


def sign_of(bench: BoardBench) -> Sign:
    """The bench's emulator."""
    assert isinstance(bench.board, Sign)
    return bench.board


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[BoardBench]:
    """A road sign and its driver, its first text shown."""
    async with board_bench("ntcip", tmp_path) as bench, running(bench.driver, bench.posted):
        await shown(bench, BLANK)
        yield bench


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[tuple[Sign, SnmpSession, list[str]]]:
    """A sign, a bare session with it, and the reasons of what the session refused."""
    (tmp_path / "community").write_text(COMMUNITY)
    reasons: list[str] = []
    async with Sign() as sign:
        asked = SnmpSession(
            "127.0.0.1",
            sign.port,
            Community(tmp_path / "community"),
            lambda reason, _detail: reasons.append(reason),
        )
        await asked.open()
        try:
            yield sign, asked, reasons
        finally:
            await asked.close()


# --- the sign itself: an emulator that lets everything pass would prove nothing -------------------------


async def test_a_row_is_written_only_after_it_was_asked_for(
    session: tuple[Sign, SnmpSession, list[str]],
) -> None:
    """modifyReq, write, validateReq, activate: each step out of order is refused by the sign."""
    sign, asked, _ = session
    with pytest.raises(SnmpRefusedError):
        await asked.set((MULTI, b"HELLO"))
    with pytest.raises(SnmpRefusedError):
        await asked.set((STATUS, Status.VALIDATE_REQ.value))
    await asked.set((STATUS, Status.MODIFY_REQ.value))
    await asked.set((MULTI, b"HELLO"))
    code = ActivationCode(255, Memory.CHANGEABLE, 1, message_crc(b"HELLO"))
    with pytest.raises(SnmpRefusedError):
        await asked.set((ACTIVATE, code.dump()))
    assert await asked.get(ACTIVATE_ERROR) == [ActivateError.MESSAGE_STATUS]
    await asked.set((STATUS, Status.VALIDATE_REQ.value))
    assert await asked.get(STATUS) == [Status.VALIDATING]
    assert await asked.get(STATUS) == [Status.VALID]
    await asked.set((ACTIVATE, code.dump()))
    assert sign.lines == ("HELLO",)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (ActivationCode(255, Memory.CHANGEABLE, 1, 0xDEAD), ActivateError.MESSAGE_CRC),
        (ActivationCode(255, Memory.PERMANENT, 1, message_crc(b"HI")), ActivateError.MEMORY_TYPE),
        (ActivationCode(255, Memory.CHANGEABLE, 2, message_crc(b"HI")), ActivateError.MESSAGE_NUMBER),
        (ActivationCode(255, Memory.BLANK, 1, 1), ActivateError.MESSAGE_CRC),
        (ActivationCode(31, Memory.BLANK, 1, 0), ActivateError.PRIORITY),
    ],
)
async def test_a_wrong_activation_code_is_refused_with_its_reason(
    session: tuple[Sign, SnmpSession, list[str]], code: ActivationCode, why: ActivateError
) -> None:
    """Wrong checksum, memory, number or priority: what stands on the road stays there."""
    sign, asked, _ = session
    sign.write_over(("KEEP",), priority=32)
    await asked.set((STATUS, Status.MODIFY_REQ.value))
    await asked.set((MULTI, b"HI"))
    await asked.set((STATUS, Status.VALIDATE_REQ.value))
    assert await asked.get(STATUS) == [Status.VALIDATING]
    with pytest.raises(SnmpRefusedError):
        await asked.set((ACTIVATE, code.dump()))
    assert await asked.get(ACTIVATE_ERROR) == [why]
    assert sign.lines == ("KEEP",)


async def test_mark_up_the_sign_does_not_know_is_an_invalid_message(
    session: tuple[Sign, SnmpSession, list[str]],
) -> None:
    """Error, and the reason for it."""
    _, asked, _ = session
    await asked.set((STATUS, Status.MODIFY_REQ.value))
    await asked.set((MULTI, b"[nonsense]"))
    await asked.set((STATUS, Status.VALIDATE_REQ.value))
    await asked.get(STATUS)
    assert await asked.get(STATUS, VALIDATE_ERROR) == [Status.ERROR, ValidateError.SYNTAX]


async def test_what_a_sign_does_not_have_is_none(session: tuple[Sign, SnmpSession, list[str]]) -> None:
    """Version 1 refuses all for one that is missing: those that are there still come."""
    _, asked, _ = session
    assert await asked.get(CONTROL_MODE, "1.3.6.1.4.1.1206.4.2.3.99.0") == [4, None]


# --- the driver: every refusal in words -----------------------------------------------------------------


async def refuses(bench: BoardBench, said: str) -> None:
    """The text is not shown, the error says why, and the board is one fault."""
    with pytest.raises(DeviceError, match=said):
        await bench.driver.show(DIRECT)
    assert [event.reason for event in bench.posted.of(DeviceFaulted)] != []
    assert said in bench.posted.of(DeviceFaulted)[0].reason


async def test_a_sign_in_local_mode_is_a_fault_until_the_technician_leaves(live: BoardBench) -> None:
    """Someone works at its cabinet: it obeys him, not us."""
    sign = sign_of(live)
    sign.mode = 2
    with pytest.raises(DeviceError):
        await live.driver.show(DIRECT)
    assert live.posted.faulted
    sign.mode = 4
    await sign.wait_until(lambda: "LANE 2 BLUE" in sign.text)
    await live.posted.until(lambda: not live.posted.faulted)


async def test_a_message_of_higher_priority_stays_and_is_a_fault(tmp_path: Path) -> None:
    """Another centre outranks us: a person has to agree with it."""
    async with board_bench("ntcip", tmp_path, priority=100) as bench, running(bench.driver, bench.posted):
        await shown(bench, BLANK)
        sign_of(bench).write_over(("ROAD CLOSED",), priority=200)
        await refuses(bench, "another centre's message of higher priority")
        assert bench.board.text == "ROAD CLOSED"


async def test_our_words_from_another_centres_row_are_not_ours(live: BoardBench) -> None:
    """They would go when that centre's message ends: the sign is told to show our own row."""
    sign = sign_of(live)
    await live.driver.show(BoardMessage(MessageKind.DIRECT, "2", Corridor.RED))
    before = len(sign.texts)
    sign.write_over(live.board.lines)
    await sign.wait_until(lambda: len(sign.texts) > before)
    assert sign.text == "ZOLAQ 2 QIRMIZI\nLANE 2 RED"


async def test_a_sign_that_stores_something_else_is_never_told_to_show_it(live: BoardBench) -> None:
    """The checksum of what it holds is compared before activation."""
    sign_of(live).spoils_memory = True
    await refuses(live, "holds another message than was sent")
    assert live.board.text == ""


async def test_a_wrong_community_is_a_fault_and_nothing_is_shown(tmp_path: Path) -> None:
    """The sign counts it and stays dark; with the right word in the file it comes right by itself."""
    async with Sign() as sign:
        settings_ = ntcip_settings(tmp_path, sign.port)
        (tmp_path / "community_file").write_text("wrong")
        driver, posted = NtcipSign(settings_, "lane-1", SystemClock(), check_seconds=0.2), Posted()
        async with running(driver, posted):
            await posted.until(lambda: posted.faulted)
            assert sign.wrong_community > 0
            assert sign.text == ""
            assert "does not answer" in posted.of(DeviceFaulted)[0].reason


async def test_a_wrong_passphrase_is_a_fault(tmp_path: Path) -> None:
    """SNMPv3 says so, where version 1 is silent."""
    async with board_bench("ntcip-v3", tmp_path) as bench:
        (tmp_path / "auth_file").write_text("another-passphrase")
        async with running(bench.driver, bench.posted):
            await bench.posted.until(lambda: bench.posted.faulted)
            assert sign_of(bench).wrong_community > 0
            assert bench.board.text == ""


@pytest.mark.parametrize(
    ("secret", "said"), [(None, "cannot read"), ("", "is empty"), ("short", "at least 8")]
)
async def test_a_missing_secret_is_told(tmp_path: Path, secret: str | None, said: str) -> None:
    """Which file, and what is wrong with it; the secret itself is never in the reason."""
    settings_ = ntcip_settings(tmp_path, 9, version=3)
    if secret is None:
        (tmp_path / "auth_file").unlink()
    else:
        (tmp_path / "auth_file").write_text(secret)
    posted = Posted()
    async with running(NtcipSign(settings_, "lane-1", SystemClock()), posted):
        await posted.until(lambda: posted.faulted)
    assert said in posted.of(DeviceFaulted)[0].reason
    assert "auth_file" in posted.of(DeviceFaulted)[0].reason


async def test_a_host_nobody_knows_is_a_fault(tmp_path: Path) -> None:
    """Told with the host's name."""
    settings_ = ntcip_settings(tmp_path, 161).model_copy(update={"host": "no-such-sign.invalid"})
    posted = Posted()
    async with running(NtcipSign(settings_, "lane-1", SystemClock()), posted):
        await posted.until(lambda: posted.faulted)
    assert "cannot find the host no-such-sign.invalid" in posted.of(DeviceFaulted)[0].reason


# --- datagrams: what is no answer is refused and counted -------------------------------------------------


def altered(change: Callable[[Any], None]) -> Callable[[bytes], list[bytes]]:
    """Version 1 answers with something changed in them."""

    def distortion(datagram: bytes) -> list[bytes]:
        message, _ = decoder.decode(datagram, asn1Spec=v1.Message())
        change(v1.apiMessage.get_pdu(message))
        return [encoder.encode(message)]

    return distortion


def other_request(pdu: Any) -> None:
    """An answer to another question."""
    v1.apiPDU.set_request_id(pdu, int(v1.apiPDU.get_request_id(pdu)) ^ 1)


def other_object(pdu: Any) -> None:
    """An answer about something else."""
    binds = v1.apiPDU.get_varbinds(pdu)
    v1.apiPDU.set_varbinds(pdu, [(ObjectIdentifier("1.3.6.1.2.1.1.1.0"), value) for _, value in binds])


def other_value(value: Any) -> Callable[[Any], None]:
    """The right object with a value of another kind."""

    def change(pdu: Any) -> None:
        binds = v1.apiPDU.get_varbinds(pdu)
        v1.apiPDU.set_varbinds(pdu, [(name, value) for name, _ in binds])

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (other_request, "unsolicited"),
        (other_object, "wrong-object"),
        (other_value(Counter32(7)), "wrong-type"),
        (other_value(Integer32(7)), "wrong-type"),
        (other_value(OctetString(b"four")), "wrong-type"),
        (other_value(OctetString(b"x" * 4000)), "wrong-type"),
    ],
)
async def test_an_answer_that_is_none_is_refused_counted_and_a_fault(
    live: BoardBench, change: Callable[[Any], None], reason: str
) -> None:
    """Another request's number, another object, type or size: not believed, and not fatal."""
    before = refused(reason)
    sign_of(live).distort(altered(change))
    await live.posted.until(lambda: live.posted.faulted)
    assert refused(reason) > before
    sign_of(live).distort(None)
    await live.posted.until(lambda: not live.posted.faulted)
    await live.driver.show(DIRECT)
    assert "LANE 2 BLUE" in live.board.text


async def test_a_stranger_is_not_listened_to(live: BoardBench) -> None:
    """A datagram from another address is refused unread."""
    sign = sign_of(live)
    await live.driver.show(DIRECT)
    (host, port), before = sign.agent.asked_from or ("", 0), refused("stranger")
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(host, port))
    transport.sendto(b"good evening")
    await eventually(lambda: refused("stranger") > before)
    transport.close()
    assert not live.posted.faulted


async def test_an_answer_heard_twice_counts_once(live: BoardBench) -> None:
    """The network may double a datagram: the second answers nothing."""
    before = refused("unsolicited")
    sign_of(live).distort(lambda datagram: [datagram, datagram])
    await live.driver.show(DIRECT)
    await eventually(lambda: refused("unsolicited") > before)
    assert not live.posted.faulted


async def test_no_datagram_breaks_the_session(session: tuple[Sign, SnmpSession, list[str]]) -> None:
    """Noise, cut and flipped answers before the true one: an answer or an error, and the session lives on.

    A flipped bit may make another valid answer: version 1 cannot tell, which is why version 3 is preferred.
    """
    sign, asked, reasons = session
    chance = random.Random(1203)  # noqa: S311  noise, the same in every run
    loop_errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: loop_errors.append(context))

    def distortion(datagram: bytes) -> list[bytes]:
        flipped = bytearray(datagram)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        cut = datagram[: chance.randrange(1, len(datagram))]
        noise = chance.randbytes(chance.randrange(1, 100))
        return [chance.choice([bytes(flipped), cut, noise]), datagram]

    sign.distort(distortion)
    heard = 0
    for _ in range(400):
        with contextlib.suppress(DeviceError):
            await asked.get(TABLE_SOURCE)
            heard += 1
    sign.distort(None)
    assert await asked.get(TABLE_SOURCE) == [b"\x07\x00\x01\x00\x00"]
    assert heard > 200
    assert len(reasons) > 200
    assert set(reasons) <= {"unsolicited", "damaged", "mismatched", "wrong-object", "wrong-type"}
    assert loop_errors == []
