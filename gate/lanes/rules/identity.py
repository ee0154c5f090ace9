"""Rules 8.0.1 and 8.0.2: who has come."""

from __future__ import annotations

from gate.lanes.rules.facts import Facts, Findings, Twin, hold
from gate.lanes.rules.policy import Policy
from gate.model import IdentifiedBy, TransportMode


def rule_8_0_1_plate(facts: Facts, _policy: Policy) -> Findings:
    """8.0.1: a vehicle is identified by its plate; a typed number alone makes the kiosk an oracle."""
    if facts.at_terminal or facts.identification.mark is not None:
        return ()
    return (hold("unread-plate", "8.0.1", "no plate: an officer must confirm it by sight"),)


def rule_8_0_1_number_agrees(facts: Facts, _policy: Policy) -> Findings:
    """8.0.1: a number given beside the plate must be one registered with that plate."""
    identification = facts.identification
    if facts.at_terminal or identification.mark is None or identification.number is None:
        return ()
    if any(d.number == identification.number for d in facts.lookup.by_mark):
        return ()
    detail = "the number given is not registered with this plate"
    declared = sorted({mark for d in facts.lookup.by_number for mark in d.marks})
    if declared:
        detail += f": {identification.mark} was seen, {' and '.join(declared)} declared"
    return (hold("plate-number-disagree", "8.0.1", detail),)


def rule_8_0_1_trailer(facts: Facts, policy: Policy) -> Findings:
    """8.0.1: where a trailer is declared beside the tractor, the trailer that came must be that one.

    Marks have no order, so any other declared mark is the trailer's. The tractor's own mark read at the
    rear contradicts nothing: rigid lorries and light trailers carry it there. An unsure or missing rear
    read is silence; only policy (`trailer_required`) holds for it, and an officer's look settles that.
    """
    who = facts.identification
    towing = [d for d in facts.within_scope if who.mark in d.marks and len(set(d.marks)) > 1]
    if facts.at_terminal or who.mark is None or not towing:
        return ()
    if who.trailer is None or who.trailer == who.mark:
        if not policy.trailer_required or IdentifiedBy.SIGHT in who.by:
            return ()
        detail = "a trailer is declared and the rear camera did not surely read it"
        return (hold("trailer-unread", "8.0.1", detail),)
    return tuple(
        hold(
            "trailer-mismatch",
            "8.0.1",
            f"trailer {who.trailer} was read, declaration {d.number} names"
            f" {' and '.join(sorted(set(d.marks) - {who.mark}))}",
        )
        for d in towing
        if who.trailer not in d.marks
    )


def rule_8_0_1_one_vehicle(facts: Facts, _policy: Policy) -> Findings:
    """8.0.1: one plate is one vehicle; while an open visit has it inside, another with it is held.

    A vehicle that left and came back has no open visit: it is `opened-before`, as ever.
    """
    if facts.at_terminal:
        return ()
    return tuple(
        hold("cloned-plate", "8.0.1", cloned(facts.identification.mark, facts.visit_id, twin))
        for twin in facts.twins
        if twin.is_here
    )


def cloned(mark: str | None, visit_id: str, twin: Twin) -> str:
    """Name both visits, for the officers who look at both vehicles."""
    return (
        f"two vehicles with the plate {mark}, unless one came back: this is visit {visit_id},"
        f" and that of visit {twin.visit_id} {twin.whereabouts}"
    )


def rule_8_0_1_not_baggage(facts: Facts, _policy: Policy) -> Findings:
    """8.0.1: a vehicle is not directed on a declaration of accompanied baggage."""
    if facts.at_terminal or all(d.mode is not TransportMode.BAGGAGE for d in facts.declarations):
        return ()
    return (hold("baggage-on-vehicle", "8.0.1", "the declaration is for accompanied baggage"),)


def rule_8_0_2_number(facts: Facts, _policy: Policy) -> Findings:
    """8.0.2: at a terminal the carrier of accompanied baggage is identified by exactly one number."""
    if not facts.at_terminal:
        return ()
    by = facts.identification.by
    if not by & {IdentifiedBy.TERMINAL, IdentifiedBy.OFFICER}:
        return (hold("not-at-terminal", "8.0.2", "the number was not given at a terminal"),)
    if len(facts.lookup.by_number) > 1:
        return (hold("ambiguous-number", "8.0.2", "the number finds more than one declaration"),)
    if any(d.mode is not TransportMode.BAGGAGE for d in facts.lookup.by_number):
        return (hold("vehicle-at-terminal", "8.0.2", "the declaration is for goods on a vehicle"),)
    return ()


def rule_8_0_once(facts: Facts, _policy: Policy) -> Findings:
    """8.0: an opened verdict binds its visit; a vehicle that turned round and came back is held."""
    findings = []
    if facts.found and not facts.declarations:
        findings.append(hold("used-before", "8.0", "every declaration found was used on an earlier trip"))
    for prior in facts.lookup.prior:
        if prior.completed:
            continue
        left = "left unreleased" if prior.left_unreleased else "was directed before"
        findings.append(
            hold("opened-before", "8.0", f"declaration {prior.number} {left} in visit {prior.visit_id}")
        )
    return tuple(findings)
