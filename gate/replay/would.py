"""Every decision under another policy, for those who ask what would have changed.

Each is taken again on the facts of its moment. What would have followed - a vehicle that was never held
is never confirmed in the bay - is not played on: nobody knows it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from gate.lanes.basis import Basis
from gate.lanes.rules.decide import screen
from gate.lanes.rules.policy import Policy
from gate.model import Decision, Outcome
from gate.replay.deciding import Taken, again


@dataclass(frozen=True, slots=True)
class Would:
    """What a decision would have been. `opened`: its verdicts, shut then, so that no corridor is known."""

    outcome: Outcome
    corridor: str | None
    findings: frozenset[str]
    opened: bool = False


def would(one: Taken, policy: Policy) -> Would | None:
    """Decide under the policy; None where a fault left no facts to decide on."""
    facts = one.basis.facts
    if facts is None:
        return None
    if screen(facts, policy):
        # The door would not have been asked, so what it answered would not be known.
        facts = replace(facts, verdicts=None, door_findings=())
    elif facts.verdicts is None:
        return Would(Outcome.DIRECT, None, frozenset(), opened=True)
    decision = again(one.event, Basis(policy, facts))
    corridor = decision.corridor.value if decision.corridor else None
    return Would(decision.outcome, corridor, _against(decision))


def _against(decision: Decision) -> frozenset[str]:
    return frozenset(f.code for f in decision.findings if f.outcome is not Outcome.DIRECT)


@dataclass(slots=True)
class Outlook:
    """What a range of decisions would have been under `policy`."""

    policy: Policy
    decisions: int = 0
    faults: int = 0
    """Decided on no facts: no policy changes that."""
    moves: Counter[str] = field(default_factory=Counter)
    """"HOLD -> DIRECT" and the like."""
    appear: Counter[str] = field(default_factory=Counter)
    disappear: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    """By cause, as it was."""
    freed: Counter[str] = field(default_factory=Counter)
    """Of those, how many would have been directed."""
    opened: int = 0
    changes: list[dict[str, object]] = field(default_factory=list)

    def consider(self, one: Taken) -> None:
        """Take one decision again and count what changes."""
        self.decisions += 1
        then = would(one, self.policy)
        if then is None:
            self.faults += 1
            return
        was, codes = one.event.decision, _against(one.event.decision)
        if was.outcome is Outcome.HOLD:
            self.held.update(codes)
            if then.outcome is Outcome.DIRECT:
                self.freed.update(codes)
        if (was.outcome, codes) == (then.outcome, then.findings):
            return
        if was.outcome is not then.outcome:
            self.moves[f"{was.outcome.value} -> {then.outcome.value}"] += 1
        self.appear.update(then.findings - codes)
        self.disappear.update(codes - then.findings)
        self.opened += then.opened
        corridor = was.corridor.value if was.corridor else None
        self.changes.append(
            {
                "entry": one.entry.seq,
                "at": one.entry.at,
                "point": one.entry.point,
                "visit": one.event.visit_id,
                "was": {"outcome": was.outcome.value, "corridor": corridor, "findings": sorted(codes)},
                "would": {
                    "outcome": then.outcome.value,
                    "corridor": then.corridor,
                    "findings": sorted(then.findings),
                    "opened": then.opened,
                },
            }
        )

    def told(self) -> dict[str, object]:
        """Tell it to machines."""
        return {
            "version": self.policy.version,
            "decisions": self.decisions,
            "faults": self.faults,
            "changed": len(self.changes),
            "moves": dict(self.moves),
            "appear": dict(self.appear),
            "disappear": dict(self.disappear),
            "causes": {
                code: {"held": count, "directed": self.freed[code]} for code, count in self.held.items()
            },
            "would_be_opened": self.opened,
            "changes": self.changes,
        }
