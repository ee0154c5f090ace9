"""The one door to a verdict (law 4): real seals, real signatures, and "opened" before anyone is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from gate.clock import Instant
from gate.errors import SealFault
from gate.lanes.commands import OpenVisit, UpdateVisit
from gate.model import (
    Arrival,
    Category,
    Corridor,
    CorridorVerdict,
    Declaration,
    Identification,
    IdentifiedBy,
    Outcome,
    RegistrationMark,
    VisitStatus,
)
from gate.sealing import CIPHERTEXT_LENGTH
from gate.store.door import Door
from gate.store.journal_check import verify
from gate.store.refusals import CODES
from gate.store.store import Store
from tests.lanes.stories import number
from tests.sealing.made import ARRIVED, KEYS, UNTIL, Made, made, plain
from tests.store.kept import a_store, rows, step

OTHER = number("300000000003")


class At:
    """A clock that stands still."""

    def now(self) -> Instant:
        """When the vehicle arrived."""
        return Instant(ARRIVED, 0.0)

    async def sleep(self, seconds: float) -> None:
        """Nobody sleeps here."""
        raise AssertionError(f"the door slept {seconds} s")


def door(store: Store, keys: Made = KEYS, site: str = "samur") -> Door:
    """The door of a checkpoint."""
    return Door(site, keys.site, keys.central_public, store.ledger, At())


def arrival(visit_id: str = "visit-1", at: datetime = ARRIVED, site: str = "samur") -> Arrival:
    """A vehicle at the approach whose plate was read."""
    who = Identification(frozenset({IdentifiedBy.PLATE}), RegistrationMark("10AA123"), None)
    return Arrival(visit_id, site, "approach", at, who)


def sealed(corridor: Corridor = Corridor.YELLOW, *, version: int = 3, second: bool = False) -> Declaration:
    """A declaration with its verdict, as central publishes it."""
    declaration = replace(plain(), version=version, number=OTHER if second else plain().number)
    return KEYS.sealed(CorridorVerdict(declaration.number, corridor, "M1", 48), declaration)


def openings(data: Path) -> list[tuple[object, ...]]:
    """What another process reads of the openings."""
    return rows(
        data / "journal.db", "SELECT number, visit_id, version, corridor FROM openings ORDER BY number"
    )


async def test_an_opened_verdict_is_on_record_before_it_is_told(tmp_path: Path) -> None:
    """The opening's row, its journal entry and central's message are durable when `open` returns."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(OpenVisit("visit-1", ARRIVED.isoformat())))
        opened = await door(store).open(arrival(), [sealed()])
        assert [(v.corridor, v.route, v.deadline_hours) for v in opened.verdicts] == [
            (Corridor.YELLOW, "M1", 48)
        ]
        assert opened.findings == ()
        assert openings(tmp_path) == [(plain().number, "visit-1", 3, "YELLOW")]
        (entry,) = rows(tmp_path / "journal.db", "SELECT visit, body FROM journal WHERE kind = 'Opened'")
        assert entry[0] == "visit-1"
        facts = json.loads(str(entry[1]))
        assert (facts["mark"], facts["by"]) == ("10AA123", ["plate"])
        (told,) = rows(tmp_path / "journal.db", "SELECT kind, body FROM outbox")
        assert told[0] == "verdict.opened"
        assert "YELLOW" not in str(told[1])
        visit = await store.ledger.visit("visit-1")
        assert visit is not None
        assert visit.opened
    assert verify(tmp_path / "journal.db").problem is None


def _forged() -> Declaration:
    """Registered earlier than central says."""
    good = sealed(Corridor.RED)
    return replace(good, registered_at=good.registered_at - timedelta(hours=5))


def _milder() -> Declaration:
    """A RED verdict whose ciphertext somebody replaced by a GREEN one of the same declaration."""
    red, green = sealed(Corridor.RED), sealed(Corridor.GREEN)
    assert red.verdict is not None
    assert green.verdict is not None
    return replace(red, verdict=replace(red.verdict, ciphertext=green.verdict.ciphertext))


def _swapped() -> Declaration:
    """A RED row with another declaration's whole GREEN verdict and signature moved into it."""
    other = sealed(Corridor.GREEN, second=True)
    return replace(sealed(Corridor.RED), verdict=other.verdict, signature=other.signature)


def _swapped_by_central() -> Declaration:
    """The same, but somebody at central signs the row."""
    green = sealed(Corridor.GREEN)
    return KEYS.signed(replace(green, marks=(RegistrationMark("66ZZ666"),)))


def _replayed() -> Declaration:
    """An older version's verdict beside the newer row, and somebody at central signs it."""
    newer = replace(sealed(Corridor.RED), version=4)
    return KEYS.signed(replace(newer, verdict=sealed(Corridor.GREEN, version=3).verdict))


def _of_length(change: int) -> Declaration:
    good = sealed()
    assert good.verdict is not None
    ciphertext = (good.verdict.ciphertext + b"x")[: CIPHERTEXT_LENGTH + change]
    return KEYS.signed(replace(good, verdict=replace(good.verdict, ciphertext=ciphertext)))


def _to_another_key() -> Declaration:
    """Rightly signed, for a site of our name that has another key."""
    return Made(KEYS.central, made().site).sealed()


REFUSED: dict[str, tuple[Declaration, Arrival, str]] = {
    "a field changed": (_forged(), arrival(), "forged-row"),
    "another category": (replace(sealed(), category=Category.TRANSIT), arrival(), "forged-row"),
    "another plate": (replace(sealed(), marks=(RegistrationMark("66ZZ666"),)), arrival(), "forged-row"),
    "another preliminary code": (replace(sealed(), preliminary=OTHER), arrival(), "forged-row"),
    "a milder verdict of its own": (_milder(), arrival(), "forged-row"),
    "not signed": (replace(sealed(), signature=b""), arrival(), "forged-row"),
    "signed by somebody else": (made().sealed(), arrival(), "forged-row"),
    "another declaration's verdict": (_swapped(), arrival(), "swapped-verdict"),
    "sealed for another row": (_swapped_by_central(), arrival(), "swapped-verdict"),
    "an older version's verdict": (_replayed(), arrival(), "replayed-verdict"),
    "expired": (sealed(), arrival(at=UNTIL), "expired-verdict"),
    "not yet valid": (sealed(), arrival(at=datetime(2026, 1, 1, tzinfo=UTC)), "early-verdict"),
    "cut short": (_of_length(-1), arrival(), "malformed-verdict"),
    "too long": (_of_length(1), arrival(), "malformed-verdict"),
    "no verdict at all": (KEYS.signed(plain()), arrival(), "no-verdict"),
    "another checkpoint's declaration": (
        KEYS.sealed(None, replace(plain(), site="astara")),
        arrival(),
        "foreign-verdict",
    ),
    "sealed to another key": (_to_another_key(), arrival(), "foreign-verdict"),
    "another checkpoint's arrival": (sealed(), arrival(site="astara"), "foreign-verdict"),
}


@pytest.mark.parametrize("why", sorted(REFUSED))
async def test_what_the_door_refuses(tmp_path: Path, why: str) -> None:
    """A refusal is a HOLD with a finding of its own (3.6), and leaves no trace of a corridor anywhere."""
    declaration, who, code = REFUSED[why]
    with a_store(tmp_path) as store:
        opened = await door(store).open(who, [declaration])
        assert opened.verdicts == ()
        (finding,) = opened.findings
        assert (finding.code, finding.rule, finding.outcome) == (code, "3.6", Outcome.HOLD)
        assert declaration.number in finding.detail or who.site in finding.detail
        assert not any(corridor in finding.detail for corridor in Corridor)
        assert openings(tmp_path) == []
        assert await store.outbox.waiting() == 0
        assert rows(tmp_path / "journal.db", "SELECT count(*) FROM journal") == [(0,)]


def test_each_fault_has_a_finding_of_its_own() -> None:
    """Nine faults, nine codes: officers and reports can tell them apart."""
    assert set(CODES) == set(get_args(SealFault))
    assert len(set(CODES.values())) == len(CODES)


async def test_a_row_put_back_from_before_an_amendment_stays_shut(tmp_path: Path) -> None:
    """The door asks the journal itself for the floor: signed or not, an older row opens nothing."""
    with a_store(tmp_path) as store:
        before, after = sealed(Corridor.GREEN), sealed(Corridor.RED, version=4)
        await store.cache.apply(1, [before], ARRIVED)
        await store.cache.apply(2, [after], ARRIVED)
        opened = await door(store).open(arrival(), [before])
        assert [finding.code for finding in opened.findings] == ["older-row"]
        assert openings(tmp_path) == []
        assert (await door(store).open(arrival(), [after])).verdicts[0].corridor is Corridor.RED


async def test_all_or_none(tmp_path: Path) -> None:
    """Groupage: one refused seal keeps every verdict of the vehicle shut."""
    with a_store(tmp_path) as store:
        opened = await door(store).open(arrival(), [sealed(second=True), _forged()])
        assert opened.verdicts == ()
        assert openings(tmp_path) == []
        opened = await door(store).open(arrival(), [sealed(Corridor.BLUE, second=True), sealed(Corridor.RED)])
        assert {verdict.corridor for verdict in opened.verdicts} == {Corridor.BLUE, Corridor.RED}
        assert len(openings(tmp_path)) == 2


async def test_a_number_opens_in_one_visit_only(tmp_path: Path) -> None:
    """8.0: who turned round and comes back is held, and so is everything declared beside it."""
    with a_store(tmp_path) as store:
        await door(store).open(arrival("visit-1"), [sealed(Corridor.RED)])
        again = await door(store).open(arrival("visit-2"), [sealed(second=True), sealed(Corridor.GREEN)])
        assert again.verdicts == ()
        assert [finding.code for finding in again.findings] == ["opened-before"]
        assert openings(tmp_path) == [(plain().number, "visit-1", 3, "RED")]


async def test_the_same_visit_may_open_it_again(tmp_path: Path) -> None:
    """After a restart the vehicle is identified anew, under the visit it began."""
    with a_store(tmp_path) as store:
        first = await door(store).open(arrival(), [sealed(Corridor.BLUE)])
    with a_store(tmp_path, "boot2") as store:
        again = await door(store).open(arrival(), [sealed(Corridor.BLUE)])
        assert again.verdicts == first.verdicts
        assert len(openings(tmp_path)) == 1


async def test_an_amendment_after_the_opening_is_a_hold(tmp_path: Path) -> None:
    """Once opened the visit is bound: a newer, milder version does not open in it either."""
    with a_store(tmp_path) as store:
        await door(store).open(arrival(), [sealed(Corridor.RED)])
        amended = await door(store).open(arrival(), [sealed(Corridor.GREEN, version=4)])
        assert amended.verdicts == ()
        assert [finding.code for finding in amended.findings] == ["amended-after-opening"]
        assert openings(tmp_path) == [(plain().number, "visit-1", 3, "RED")]


async def test_a_visit_that_left_does_not_free_its_numbers(tmp_path: Path) -> None:
    """Leaving unreleased is exactly what the binding is against."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(OpenVisit("visit-1", ARRIVED.isoformat())))
        await door(store).open(arrival("visit-1"), [sealed(Corridor.RED)])
        await store.ledger.commit(step(UpdateVisit("visit-1", VisitStatus.LEFT_UNRELEASED)))
        assert (await door(store).open(arrival("visit-2"), [sealed(Corridor.RED)])).verdicts == ()


async def test_another_sites_key_opens_nothing(tmp_path: Path) -> None:
    """A copied cache is worth nothing at another checkpoint, even one that calls itself by our name."""
    thief = Made(KEYS.central, made().site)
    with a_store(tmp_path) as store:
        opened = await door(store, thief).open(arrival(), [sealed()])
        assert opened.verdicts == ()
        assert openings(tmp_path) == []
