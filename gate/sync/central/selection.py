"""Drawing declarations for a customs check within the caps of Rules 6.6 and 6.7.

The caps speak of importers: at most so many in a hundred of the group's importers are checked. So the
share is counted over importers, in the policy's period, and an importer checked already raises it no
further.
"""

from __future__ import annotations

from dataclasses import dataclass

from gate.sync.central.corridors import RiskGroup


@dataclass(frozen=True, slots=True)
class Tally:
    """Where a group stands before a draw."""

    importers: int
    """Of the group, in all, this declaration's importer among them."""
    checked: int
    """Of them, selected in the period."""
    already_checked: bool
    """This declaration's importer is one of the checked."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The outcome of one draw, as it goes into the audit log."""

    selected: bool
    checked_after: int
    draw: float | None
    why: str


def within_cap(group: RiskGroup, checked: int, importers: int) -> bool:
    """Whether `checked` of `importers` is a share the Rules allow. In whole numbers: no rounding."""
    return checked * 100 <= group.cap_percent * importers


def select(group: RiskGroup, tally: Tally, draw: float, rate: float) -> Selection:
    """Whether this declaration is checked: drawn below `rate`, and the cap leaves room for it."""
    if group is RiskGroup.HIGH:
        return Selection(True, _after(tally), None, "all of the high-risk group are checked (6.7)")
    if draw >= rate:
        return Selection(False, tally.checked, draw, "not drawn")
    after = _after(tally)
    if not within_cap(group, after, tally.importers):
        return Selection(False, tally.checked, draw, f"drawn, but {group.cap_percent} % is the cap (6.6)")
    return Selection(True, after, draw, f"drawn, {after} of {tally.importers} within the cap (6.6)")


def _after(tally: Tally) -> int:
    return tally.checked if tally.already_checked else tally.checked + 1
