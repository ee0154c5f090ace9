"""Rules 8.0.1 and 8.0.2: who has come."""

from __future__ import annotations

from gate.lanes.rules.facts import Facts, Findings, hold
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
    return (hold("plate-number-disagree", "8.0.1", "the number given is not registered with this plate"),)


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
