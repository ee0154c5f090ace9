"""An opened verdict binds its visit (8.0): who turns round on RED does not come back to another corridor."""

from __future__ import annotations

from typing import Any

from gate.model import VisitStatus
from gate.store.officers import Role
from tests.secrecy.border import SITE, Border
from tests.secrecy.day import V_MARK, Day, live
from tests.secrecy.fates import GREEN


async def _turns_round(day: Day) -> tuple[str, str]:
    """A vehicle is directed to RED and drives to the exit instead; its number and its visit."""
    await day.begins()
    number = await day.traders.file("HIGH-1", (V_MARK,), hours_ago=2)
    await day.passes(3)
    visit = await day.approaches(V_MARK)
    assert await day.visit_status(visit) is VisitStatus.DIRECTED
    await day.moves_on("approach")
    await day.comes("exit-1", V_MARK)
    return number, visit


async def _sent_away(day: Day, visit: str) -> None:
    """An officer lets it out, unreleased."""
    answer = await day.looking.act(Role.OFFICER, "TurnBack", visit_id=visit, reason="it turned round")
    assert answer.status_code == 200, answer.text
    await day.moves_on("exit-1")
    assert await day.visit_status(visit) is VisitStatus.LEFT_UNRELEASED


async def _findings(day: Day, visit_id: str) -> set[str]:
    visit = await day.gate.site.store.ledger.visit(visit_id)
    assert visit is not None
    assert visit.status is VisitStatus.HELD
    assert not visit.opened
    return {finding.rule for finding in visit.findings}


def test_central_is_told_and_leaving_raises_an_alarm(checkpoint: Border) -> None:
    """That the verdict was opened, by its number and visit; then that its vehicle leaves unreleased."""
    told: list[Any] = []

    async def script(day: Day) -> None:
        number, visit = await _turns_round(day)
        (call,) = [call for call in await day.gate.site.store.ledger.open_calls() if call.point == "exit-1"]
        assert call.alarm
        assert "leaves unreleased" in call.reason
        await day.passes(3)
        events = (await day.traders.central.events(SITE, 0, 500))["events"]
        assert isinstance(events, list)
        told.extend(events)
        (opened,) = [event["body"] for event in told if event["kind"] == "verdict.opened"]
        assert (opened["numbers"], opened["visit"]) == ([number], visit)

    live(checkpoint, GREEN, script)
    assert any(event["kind"] == "alarm" for event in told)


def test_coming_back_is_held(checkpoint: Border) -> None:
    """Under the same declaration, with nothing changed."""

    async def script(day: Day) -> None:
        _, visit = await _turns_round(day)
        await _sent_away(day, visit)
        assert "8.0" in await _findings(day, await day.approaches(V_MARK))

    live(checkpoint, GREEN, script)


def test_filing_anew_is_held(checkpoint: Border) -> None:
    """A second declaration for the plate, by an importer of the low-risk group, opens nothing."""

    async def script(day: Day) -> None:
        _, visit = await _turns_round(day)
        await _sent_away(day, visit)
        await day.traders.file("LOW-5", (V_MARK,), hours_ago=2)
        await day.passes(3)
        assert "8.0" in await _findings(day, await day.approaches(V_MARK))

    live(checkpoint, GREEN, script)


def test_amending_the_plate_away_and_filing_anew_is_held(checkpoint: Border) -> None:
    """The old declaration names another plate now, the new one is clean: the vehicle is known."""

    async def script(day: Day) -> None:
        number, visit = await _turns_round(day)
        await _sent_away(day, visit)
        await day.traders.amend(number, "HIGH-1", ("10ZZ999",))
        await day.traders.file("LOW-5", (V_MARK,), hours_ago=2)
        await day.passes(3)
        assert "8.0" in await _findings(day, await day.approaches(V_MARK))

    live(checkpoint, GREEN, script)
