"""Detectors and contacts of an MQTT device: what it does not say is unknown, what it said once is hearsay."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.clock import SystemClock
from gate.lanes.events import BarrierPosition, Contact, ContactState, Detector, Occupancy
from gate.lanes.fitted import Fitted
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker
from hardware.links.contract import Address, IoState, PayloadRefusedError, read_payload
from hardware.links.mqtt import MqttLink
from hardware.links.mqtt_session import MqttSession
from tests.hardware.conftest import LIMIT, SITE, running
from tests.hardware.posted import Posted, eventually

IO = Address(SITE, "lane-5", "io")
EVERYTHING = Fitted(frozenset(Detector), frozenset(Contact))


@asynccontextmanager
async def speaking(broker: Broker) -> AsyncIterator[MqttSession]:
    """A device's voice."""
    session = MqttSession(broker.host, broker.port, "voice", lambda _message: None, lambda _why: None)
    await session.open([])
    try:
        yield session
    finally:
        await session.close()


@asynccontextmanager
async def listening(link: MqttLink) -> AsyncIterator[Posted]:
    """The driver runs and attends."""
    posted = Posted()
    io = MqttLaneIo(link, IO, SystemClock(), fitted=EVERYTHING, heartbeat_limit=LIMIT)
    async with running(io, posted):
        await eventually(lambda: IO in link._devices)
        yield posted


async def test_what_a_state_does_not_name_is_unknown(broker: Broker, link: MqttLink) -> None:
    """An older make says arming and safety only: photo-eye, exit and every contact are unknown."""
    said = {"boot_id": "b", "seq": 1, "arming": "clear", "safety": "clear", "barrier": "down"}
    async with speaking(broker) as session, listening(link) as posted:
        session.publish(IO.topic("state"), json.dumps(said).encode())
        await posted.until(lambda: posted.barrier is BarrierPosition.DOWN)
        assert posted.detector(Detector.SAFETY) is Occupancy.CLEAR
        assert posted.detector(Detector.PHOTO_EYE) is Occupancy.UNKNOWN
        assert posted.detector(Detector.EXIT) is Occupancy.UNKNOWN
        assert {posted.contact(contact) for contact in Contact} == {ContactState.UNKNOWN}


async def test_a_contact_no_longer_named_is_unknown_again(broker: Broker, link: MqttLink) -> None:
    """Normal in one state and missing from the next: nobody vouches for it."""
    state = IoState(boot_id="b", seq=1, arming=Occupancy.CLEAR, contacts={Contact.FIRE: ContactState.NORMAL})
    async with speaking(broker) as session, listening(link) as posted:
        session.publish(IO.topic("state"), state.dump())
        await posted.until(lambda: posted.contact(Contact.FIRE) is ContactState.NORMAL)
        session.publish(IO.topic("state"), state.model_copy(update={"seq": 2, "contacts": {}}).dump())
        await posted.until(lambda: posted.contact(Contact.FIRE) is ContactState.UNKNOWN)


async def test_a_retained_state_makes_no_contact_known(broker: Broker, link: MqttLink) -> None:
    """Kept by the broker from another life: all stays unknown until the device itself speaks."""
    normal = dict.fromkeys(Contact, ContactState.NORMAL)
    state = IoState(boot_id="dead", seq=9, arming=Occupancy.CLEAR, photo_eye=Occupancy.CLEAR, contacts=normal)
    async with speaking(broker) as session:
        session.publish(IO.topic("state"), state.dump(), retain=True)
        async with listening(link) as posted:
            await posted.until(lambda: posted.faulted)
            assert {posted.contact(contact) for contact in Contact} == {ContactState.UNKNOWN}
            assert posted.detector(Detector.PHOTO_EYE) is Occupancy.UNKNOWN
            session.publish(IO.topic("state"), state.model_copy(update={"seq": 10}).dump())
            await posted.until(lambda: posted.contact(Contact.UPS) is ContactState.NORMAL)
            await posted.until(lambda: posted.contact(Contact.UPS) is ContactState.UNKNOWN)  # no heartbeat


def test_contacts_of_a_later_make_are_passed_over() -> None:
    """A contact we have no word for does not spoil the state; a state of it that is none does."""
    said = {"boot_id": "b", "seq": 1, "arming": "clear", "contacts": {"fire": "normal", "flood": "wet"}}
    assert read_payload(IoState, json.dumps(said).encode()).contacts == {Contact.FIRE: ContactState.NORMAL}
    said["contacts"] = {"fire": "wet"}
    with pytest.raises(PayloadRefusedError) as refused:
        read_payload(IoState, json.dumps(said).encode())
    assert refused.value.reason == "wrong-shape"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(contacts=JSON)
def test_any_contacts_read_or_are_refused(contacts: object) -> None:
    """Never another exception, and what is read is of ours."""
    said = {"boot_id": "b", "seq": 1, "arming": "clear", "contacts": contacts}
    with suppress(PayloadRefusedError):
        assert set(read_payload(IoState, json.dumps(said).encode()).contacts) <= set(Contact)


@given(
    contacts=st.dictionaries(st.sampled_from(Contact), st.sampled_from(ContactState)),
    photo_eye=st.sampled_from(Occupancy),
)
def test_a_state_comes_back_as_it_was_sent(
    contacts: dict[Contact, ContactState], photo_eye: Occupancy
) -> None:
    """Through JSON and back."""
    state = IoState(boot_id="b", seq=1, arming=Occupancy.CLEAR, photo_eye=photo_eye, contacts=contacts)
    assert read_payload(IoState, state.dump()) == state
