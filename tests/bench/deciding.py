"""Identify, open, decide: the whole desk with its real door over a cache of ten thousand declarations."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gate.clock import SystemClock
from gate.lanes.commands import Identify, OpenVisit
from gate.lanes.desk import Desk, LaneChoice
from gate.lanes.rules.policy import Policy
from gate.model import (
    Category,
    Corridor,
    CorridorVerdict,
    Declaration,
    DeclarationStatus,
    Identification,
    IdentifiedBy,
    NotificationNumber,
    Outcome,
    RegistrationMark,
    TransportMode,
    TravelDirection,
)
from gate.model.numbers import damm_digit
from gate.sealing import seal
from gate.store.door import Door
from tests.bench.measuring import Figure, timed
from tests.clocks import trusted
from tests.sealing.made import Made, made
from tests.store.kept import a_store, step

CACHED = 10_000
DECISIONS = 300
_CORRIDORS = tuple(Corridor)


def _declaration(number: int, keys: Made) -> Declaration:
    now = SystemClock().now().utc
    digits = f"{number:012d}"
    plain = Declaration(
        NotificationNumber(digits + damm_digit(digits)),
        1,
        "samur",
        TravelDirection.ENTRY,
        TransportMode.ROAD,
        Category.GOODS,
        DeclarationStatus.ACTIVE,
        (_mark(number),),
        now - timedelta(hours=3),
        None,
    )
    return seal(
        plain,
        CorridorVerdict(plain.number, _CORRIDORS[number % len(_CORRIDORS)], None, None),
        valid_from=plain.registered_at,
        valid_until=now + timedelta(days=1),
        site_public_key=keys.site.public_key(),
        central_private_key=keys.central,
    )


def _mark(number: int) -> RegistrationMark:
    return RegistrationMark(f"{number:05d}BENCH")


async def figures(folder: Path) -> list[Figure]:
    """From an identified vehicle to its lane, its opening committed."""
    keys, clock = made(), SystemClock()
    trust = trusted(clock)
    with a_store(folder / "desk", keys=keys, trust=trust) as store:
        await store.cache.apply(
            CACHED, [_declaration(number, keys) for number in range(CACHED)], clock.now().utc
        )
        door = Door("samur", keys.site, keys.central_public, store.ledger, clock)
        policy = Policy("bench", dict.fromkeys(TransportMode, timedelta(hours=1)), timedelta(days=1))
        desk = Desk("samur", policy, store.cache, door, store.ledger, clock, any_lane, "G", trust=trust)

        came = clock.now()
        visits = [OpenVisit(f"visit-{n}", came.utc.isoformat(), came.mono) for n in range(DECISIONS + 5)]
        await store.ledger.commit(step(*visits, point="approach"))

        async def decide(number: int) -> None:
            mark = _mark(number * 7)
            who = Identification(frozenset({IdentifiedBy.PLATE}), mark, None)
            asked = Identify(f"visit-{number}", came.utc.isoformat(), who)
            decided = await desk.identify("approach", asked, at_terminal=False)
            assert decided.decision.outcome is Outcome.DIRECT, decided

        taken = await timed(DECISIONS, decide)
    note = f"{CACHED:,} cached; signature, decryption and the opening's commit included"
    return [Figure("identify, open, decide", taken.told(), note)]


def any_lane(corridor: Corridor, *, oversize: bool = False) -> LaneChoice:
    """Every lane is open and empty."""
    return LaneChoice(f"{'high' if oversize else 'lane'}-{corridor}", "1")
