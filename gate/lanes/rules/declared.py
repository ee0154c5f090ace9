"""Rules 2 and 3: what has been declared, when, and whether central has answered."""

from __future__ import annotations

from datetime import UTC, timedelta

from gate.lanes.rules.facts import Facts, Findings, hold
from gate.lanes.rules.policy import Policy
from gate.model import Category, DeclarationStatus, Finding, Outcome, TravelDirection


def rule_2_1_scope(facts: Facts, _policy: Policy) -> Findings:
    """2.1: only goods under a short import declaration; by central's category the rest is referred."""
    outside = [d for d in facts.declarations if d.category is not Category.GOODS]
    if not outside:
        return ()
    if facts.within_scope:
        return (hold("mixed-scope", "2.1", "goods under these Rules and others on one vehicle"),)
    category = outside[0].category.value
    return (Finding("outside-rules", "2.1", Outcome.REFER, f"category {category}: outside these Rules"),)


def rule_2_2_clock(facts: Facts, policy: Policy) -> Findings:
    """2.2: lead time runs from central's registration, so a box that lost central's time tells no lead."""
    clock = facts.clock
    if clock.offset is None:
        detail = "this box does not know central's time: neither central nor a time server confirmed it"
        return (hold("clock-unknown", "2.2", detail),)
    if abs(clock.offset) + clock.uncertainty > policy.clock_max_offset:
        return (hold("clock-skewed", "2.2", f"this box's clock is {skew(clock.offset)} central's: set it"),)
    if clock.presence_uncertainty is None:
        detail = "it came before this machine restarted, when central's time was not known here"
        return (hold("clock-unknown", "2.2", detail),)
    return ()


def skew(offset: timedelta) -> str:
    """Say how far this box's clock is from central's, for people: `31 s behind`."""
    seconds = offset.total_seconds()
    return f"{abs(seconds):.0f} s {'ahead of' if seconds < 0 else 'behind'}"


def rule_2_2_lead_time(facts: Facts, policy: Policy) -> Findings:
    """2.2, 2.3: registered at least the mode's lead time before first presence at the approach.

    Both moments are central's. What the box may be wrong by counts against the vehicle.
    """
    came = facts.came_earliest
    if came is None:
        return ()  # rule_2_2_clock has said so
    findings = []
    for declaration in facts.within_scope:
        lead = policy.lead_times[declaration.mode]
        had = came - declaration.registered_at.astimezone(UTC)
        if had < lead:
            minutes = int(had.total_seconds() // 60)
            wanted = int(lead.total_seconds() // 60)
            findings.append(
                hold(
                    "late-declaration",
                    "2.2",
                    f"declaration {declaration.number} came {minutes} min before, {wanted} min wanted",
                )
            )
    return tuple(findings)


def rule_3_1_declared(facts: Facts, _policy: Policy) -> Findings:
    """3.1: nothing declared, nothing to apply a corridor to."""
    if facts.found or facts.lookup.refused or (not facts.at_terminal and facts.identification.mark is None):
        return ()
    what = "this number" if facts.at_terminal else "this plate"
    return (hold("no-declaration", "3.1", f"no short import declaration is cached for {what}"),)


def rule_3_1_here(facts: Facts, _policy: Policy) -> Findings:
    """3.1: declared for this checkpoint and for import."""
    findings = []
    for declaration in facts.declarations:
        if declaration.site != facts.site:
            detail = f"declaration {declaration.number} is for checkpoint {declaration.site}"
            findings.append(hold("other-checkpoint", "3.1", detail))
        if declaration.direction is not TravelDirection.ENTRY:
            detail = f"declaration {declaration.number} is not for import"
            findings.append(hold("other-direction", "3.1", detail))
    return tuple(findings)


def rule_3_3_in_force(facts: Facts, _policy: Policy) -> Findings:
    """3.3: a withdrawn declaration directs nobody."""
    return tuple(
        hold("withdrawn", "3.3", f"declaration {d.number} was withdrawn")
        for d in facts.within_scope
        if d.status is DeclarationStatus.WITHDRAWN
    )


def rule_3_5_verdict(facts: Facts, _policy: Policy) -> Findings:
    """3.5: data that does not conform gets no corridor, so no verdict is a hold."""
    return tuple(
        hold("no-verdict", "3.5", f"central gave no verdict for declaration {d.number}")
        for d in facts.within_scope
        if d.verdict is None and d.status is DeclarationStatus.ACTIVE
    )


def rule_3_6_valid(facts: Facts, _policy: Policy) -> Findings:
    """3.6: a verdict is for its time: for one that has run out, or not begun, the door is not asked."""
    findings = []
    for declaration in facts.within_scope:
        verdict = declaration.verdict
        if verdict is None or declaration.status is not DeclarationStatus.ACTIVE:
            continue
        if (facts.came_latest or facts.first_presence) >= verdict.valid_until:
            detail = f"the verdict for declaration {declaration.number} ran out before the vehicle came"
            findings.append(hold("expired-verdict", "3.6", detail))
        elif (facts.came_earliest or facts.first_presence) < verdict.valid_from:
            detail = f"the verdict for declaration {declaration.number} is for a later time"
            findings.append(hold("early-verdict", "3.6", detail))
    return tuple(findings)


def rule_3_6_as_signed(facts: Facts, _policy: Policy) -> Findings:
    """3.6: what central determined is taken from what central signed, or not at all."""
    return facts.lookup.refused


def law_3_cache_is_fresh(facts: Facts, policy: Policy) -> Findings:
    """Unknown is not safe: a cache that is old, empty or older than the journal directs nobody (3.3)."""
    cache = facts.lookup.cache
    if cache.behind_journal:
        return (hold("stale-cache", "3.3", "the cache is older than what was applied before"),)
    if cache.fetched_at is None:
        return (hold("stale-cache", "3.3", "nothing was ever fetched from central"),)
    if facts.clock.offset is None:
        return ()  # how old it is nobody can tell, and rule_2_2_clock has said so
    age = facts.now.astimezone(UTC) + facts.clock.uncertainty - cache.fetched_at.astimezone(UTC)
    if age < timedelta():
        return (hold("clock-unknown", "2.2", "central was last heard at a time that has not come yet"),)
    if age > policy.cache_max_age:
        minutes = int(age.total_seconds() // 60)
        return (hold("stale-cache", "3.3", f"the cache was last confirmed {minutes} min ago"),)
    return ()
