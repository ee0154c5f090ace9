"""`screen` before the door, `decide` after it: findings are gathered, the gravest wins, HOLD by default."""

from __future__ import annotations

from collections.abc import Callable

from gate.lanes.rules import binding, declared, identity, vehicle
from gate.lanes.rules.facts import Facts, Findings
from gate.lanes.rules.policy import Policy
from gate.model import Corridor, Decision, Finding, Outcome

RULES_VERSION = "2016-05-21.3"
"""The Decree's date, and our edition of its execution."""

Rule = Callable[[Facts, Policy], Findings]

RULES: tuple[Rule, ...] = (
    declared.law_3_cache_is_fresh,
    identity.rule_8_0_1_plate,
    identity.rule_8_0_1_near_match,
    identity.rule_8_0_1_number_agrees,
    identity.rule_8_0_1_one_number,
    vehicle.rule_8_0_1_trailer,
    vehicle.rule_8_0_1_trailer_declared,
    vehicle.rule_8_0_1_groupage,
    vehicle.rule_8_0_1_not_baggage,
    identity.rule_8_0_2_number,
    binding.rule_8_0_once,
    binding.rule_8_0_turned_round,
    binding.rule_8_0_not_amended,
    vehicle.rule_8_0_1_one_vehicle,
    declared.rule_3_1_declared,
    declared.rule_3_1_here,
    declared.rule_2_1_scope,
    declared.rule_2_2_clock,
    declared.rule_2_2_lead_time,
    declared.rule_3_3_in_force,
    declared.rule_3_5_verdict,
    declared.rule_3_6_valid,
    declared.rule_3_6_as_signed,
)
"""Every provision checked before a verdict may be opened."""


def screen(facts: Facts, policy: Policy) -> Findings:
    """Gather all that speaks against opening the verdicts. Empty: the door may be asked."""
    return tuple(finding for rule in RULES for finding in rule(facts, policy))


def strictest(corridors: tuple[Corridor, ...]) -> Corridor:
    """Pick the lane's corridor for several consignments: RED > YELLOW > BLUE > GREEN (policy)."""
    return max(corridors, key=lambda corridor: corridor.strictness)


def decide(facts: Facts, policy: Policy) -> Decision:
    """Apply the Rules. A corridor only when nothing holds and every verdict was opened."""
    findings = (*screen(facts, policy), *facts.door_findings)
    numbers = tuple(d.number for d in facts.declarations)
    outcomes = {finding.outcome for finding in findings}
    corridor: Corridor | None = None
    if Outcome.HOLD in outcomes:
        outcome = Outcome.HOLD
    elif Outcome.REFER in outcomes:
        outcome = Outcome.REFER
    elif _all_opened(facts):
        outcome = Outcome.DIRECT
        corridor = strictest(tuple(verdict.corridor for verdict in facts.verdicts or ()))
        findings = (*findings, _directed(corridor))
    else:
        outcome = Outcome.HOLD
        detail = "not every declaration on this vehicle has an opened verdict"
        findings = (*findings, Finding("not-all-opened", "3.6", Outcome.HOLD, detail))
    return Decision(outcome, corridor, findings, numbers, RULES_VERSION, policy.version)


def _all_opened(facts: Facts) -> bool:
    wanted = {d.number for d in facts.within_scope}
    opened = {verdict.number for verdict in facts.verdicts or ()}
    return bool(wanted) and wanted == opened


def _directed(corridor: Corridor) -> Finding:
    """Name the provision that sends a vehicle to this corridor (7.0.1-7.0.4)."""
    rule = {
        Corridor.GREEN: "7.0.1",
        Corridor.BLUE: "7.0.2",
        Corridor.YELLOW: "7.0.3",
        Corridor.RED: "7.0.4",
    }[corridor]
    return Finding("directed", rule, Outcome.DIRECT, f"{corridor} corridor by the opened verdict")
