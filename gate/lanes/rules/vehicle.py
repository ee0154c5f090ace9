"""Rules 8.0.1: what came is the vehicle that was declared: its trailer, its papers, and no double of it."""

from __future__ import annotations

from gate.lanes.rules.facts import Facts, Findings, Twin, hold
from gate.lanes.rules.policy import Groupage, Policy
from gate.model import IdentifiedBy, TransportMode


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


def rule_8_0_1_trailer_declared(facts: Facts, policy: Policy) -> Findings:
    """8.0.1: a rear plate that nobody declared is told to officers; whether it holds is policy."""
    who = facts.identification
    if not policy.undeclared_trailer_holds or facts.at_terminal or who.trailer in (None, who.mark):
        return ()
    if IdentifiedBy.SIGHT in who.by:
        return ()  # an officer looked at what came
    if not facts.within_scope or any(len(set(d.marks)) > 1 for d in facts.within_scope):
        return ()  # with a declared trailer it is a mismatch
    detail = f"trailer {who.trailer} was read, and no declaration of this vehicle names a trailer"
    return (hold("trailer-undeclared", "8.0.1", detail),)


def rule_8_0_1_groupage(facts: Facts, policy: Policy) -> Findings:
    """8.0.1: several notifications on one plate: the strictest sets the lane, unless policy holds it."""
    looked_at = facts.at_terminal or IdentifiedBy.SIGHT in facts.identification.by
    if policy.groupage is not Groupage.HOLD or looked_at or len(facts.within_scope) <= 1:
        return ()
    detail = f"{len(facts.within_scope)} declarations on one vehicle: policy wants an officer"
    return (hold("groupage-held", "8.0.1", detail),)


def rule_8_0_1_one_vehicle(facts: Facts, _policy: Policy) -> Findings:
    """8.0.1: one plate is one vehicle; while an open visit has it inside, another with it is held.

    A vehicle that left and came back has no open visit: it is `turned-round`.
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
