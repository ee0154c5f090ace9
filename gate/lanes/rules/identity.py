"""Rules 8.0.1 and 8.0.2: who has come, by plate, by number, and what is only almost that."""

from __future__ import annotations

from gate.lanes.rules.facts import Facts, Findings, hold
from gate.lanes.rules.policy import Policy
from gate.model import IdentifiedBy, TransportMode


def rule_8_0_1_plate(facts: Facts, _policy: Policy) -> Findings:
    """8.0.1: a vehicle is identified by its plate; a typed number alone makes the kiosk an oracle."""
    if facts.at_terminal or facts.identification.mark is not None:
        return ()
    if facts.identification.number is not None:
        detail = "a number and no plate: an officer must confirm the plate by sight"
        return (hold("number-without-plate", "8.0.1", detail),)
    return (hold("unread-plate", "8.0.1", "no plate: an officer must confirm it by sight"),)


def rule_8_0_1_near_match(facts: Facts, policy: Policy) -> Findings:
    """8.0.1: a plate that is almost a declared one is a candidate to confirm by sight, and opens nothing."""
    who = facts.identification
    if facts.at_terminal or facts.found or who.mark is None or not policy.near_match or not facts.near:
        return ()
    if len(facts.near) == 1:
        detail = f"{who.mark} was read; {facts.near[0]} is declared, almost the same: compare it by sight"
        return (hold("near-match", "8.0.1", detail),)
    names = ", ".join(facts.near)
    detail = f"{who.mark} was read; several declared plates are almost that: {names}. Compare by sight"
    return (hold("ambiguous-plate", "8.0.1", detail),)


def rule_8_0_1_number_agrees(facts: Facts, _policy: Policy) -> Findings:
    """8.0.1: a number given beside the plate is one registered with that plate, or two officers say so."""
    who = facts.identification
    if facts.at_terminal or who.mark is None or who.number is None:
        return ()
    registered = {d.number for d in facts.lookup.by_mark}
    named = {d.number for d in facts.lookup.by_number} or {who.number}
    if registered & named or (who.number_second is not None and facts.lookup.by_number):
        return ()
    detail = "the number given is not registered with this plate"
    declared = sorted({mark for d in facts.lookup.by_number for mark in d.marks})
    if declared:
        detail += f": {who.mark} was seen, {' and '.join(declared)} declared"
    return (hold("plate-number-disagree", "8.0.1", detail),)


def rule_8_0_1_one_number(facts: Facts, _policy: Policy) -> Findings:
    """8.0.1: a number that finds two things names neither, but for a code all of whose are on this plate."""
    who = facts.identification
    found = facts.lookup.by_number
    if facts.at_terminal or who.mark is None or who.number is None or len(found) <= 1:
        return ()
    in_one_space = all(d.number != who.number for d in found)
    if in_one_space and {d.number for d in found} <= {d.number for d in facts.lookup.by_mark}:
        return ()
    return (hold("ambiguous-number", "8.0.1", f"the number given finds {len(found)} declarations"),)


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
