"""Rules 8.0: an arrival binds what was declared for it; what was used, opened or changed since is held."""

from __future__ import annotations

from gate.lanes.rules.facts import Facts, Findings, hold
from gate.lanes.rules.policy import Policy
from gate.model import DeclarationStatus


def rule_8_0_once(facts: Facts, _policy: Policy) -> Findings:
    """8.0: an opened verdict binds its visit; a declaration that was used directs nobody again."""
    findings = []
    if facts.found and not facts.declarations:
        findings.append(hold("used-before", "8.0", "every declaration found was used on an earlier trip"))
    for prior in facts.lookup.prior:
        if not prior.completed and not prior.left_unreleased:
            detail = f"declaration {prior.number} was directed before in visit {prior.visit_id}"
            findings.append(hold("opened-before", "8.0", detail))
    return tuple(findings)


def rule_8_0_turned_round(facts: Facts, _policy: Policy) -> Findings:
    """8.0: who was directed, left unreleased and came back does not choose another corridor by it."""
    return tuple(
        hold(
            "turned-round",
            "8.0",
            f"declaration {prior.number} left unreleased in visit {prior.visit_id}: it turned round",
        )
        for prior in facts.lookup.prior
        if prior.left_unreleased and not prior.completed
    )


def rule_8_0_not_amended(facts: Facts, _policy: Policy) -> Findings:
    """8.0: what is declared is settled when the vehicle comes; a version registered after that is held."""
    return tuple(
        hold(
            "amended-after-arrival",
            "8.0",
            f"declaration {d.number} was amended (version {d.version}) after the vehicle had come",
        )
        for d in facts.within_scope
        if d.version > 1
        and d.registered_at > (facts.came_earliest or facts.first_presence)
        and d.status is DeclarationStatus.ACTIVE
    )
