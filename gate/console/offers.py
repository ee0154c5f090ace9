"""Which acts to offer for a visit or a point. A convenience: the gate itself decides what takes effect."""

from __future__ import annotations

from dataclasses import dataclass

from gate.console.order_offers import is_opened_once_here, orders_for
from gate.console.sessions import may
from gate.lanes.acts import (
    AnyAct,
    ClosePoint,
    ConfirmPlate,
    EnterCargoNumber,
    EnterNumber,
    OpenPoint,
    ReferVisit,
    ReleaseVisit,
    TurnBack,
)
from gate.lanes.commands import MessageKind
from gate.lanes.orders import is_held
from gate.lanes.views import Overview, PointView
from gate.model import Visit, VisitStatus
from gate.store.officers import Role


@dataclass(frozen=True, slots=True)
class Offer:
    """A button: the act's kind, what it says, and how weighty it looks."""

    kind: str
    label: str
    weight: str = "plain"
    """main, plain, quiet or danger."""
    point: str | None = None
    visit_id: str | None = None

    @property
    def query(self) -> str:
        """The address of the act's form. Ids are plain: no quoting is needed."""
        parts = [
            f"visit_id={self.visit_id}" if self.visit_id else "",
            f"point={self.point}" if self.point else "",
        ]
        return f"/acts/{self.kind}?" + "&".join(part for part in parts if part)


_DECLARED = frozenset({"emergency", "blocked", "attended", "holding", "maintenance", "disarmed"})
"""What was declared there ends first, by its own act: until then nobody opens, closes or releases."""


def standing_at(visit: Visit, overview: Overview) -> PointView | None:
    """The point where the visit's vehicle is now, if it is at one."""
    return next((point for point in overview.points if point.visit_id == visit.visit_id), None)


def visit_offers(visit: Visit, overview: Overview, role: Role) -> tuple[Offer, ...]:
    """The acts that may make sense for this visit."""
    here = standing_at(visit, overview)
    began = next((point for point in overview.points if point.name == visit.point), None)
    baggage = began is not None and began.kind == "terminal"
    waits = visit.status in (VisitStatus.ARRIVED, VisitStatus.HELD)
    offers: list[Offer] = []

    def offer(act: type[AnyAct], label: str, weight: str = "plain", point: str | None = None) -> None:
        if may(role, act):
            offers.append(Offer(act.__name__, label, weight, point, visit.visit_id))

    in_place = baggage or (here is not None and here.kind == "entry" and here.phase not in _DECLARED)
    directed = visit.opened and visit.status is VisitStatus.DIRECTED
    checked = visit.corridor is not None and (visit.corridor.needs_officer or visit.check_ordered)
    if directed and in_place and checked:
        offer(ReleaseVisit, "Release", "main")
    if waits and not visit.opened:
        if not baggage:
            weight = "main" if visit.mark is None else "plain"
            offer(ConfirmPlate, "Confirm plate", weight, visit.point if here is None else here.name)
        offer(EnterNumber, "Enter number")
        offer(EnterCargoNumber, "Cargo number", "quiet")
        offer(ReferVisit, "General lane")
    if visit.status is VisitStatus.HELD and visit.opened and not baggage and here is None:
        # Opened and held: no lane was open, or a double came. Looking at it again finds what is free now.
        offer(ConfirmPlate, "Confirm plate", point=visit.point)
    if here is not None and visit.opened and is_held(visit.findings):
        # An officer holds it where it stands: looked at again, it is decided anew.
        offer(ConfirmPlate, "Confirm plate", "main", here.name)
    offers += [
        Offer(one.act.__name__, one.label, "quiet", None, visit.visit_id)
        for one in orders_for(visit, here, role, baggage=baggage)
    ]
    if visit.status is VisitStatus.HELD:
        offer(TurnBack, "Turn back", "quiet")
    return tuple(offers)


def point_offers(point: PointView, role: Role) -> tuple[Offer, ...]:
    """The acts that may make sense for this point itself."""
    offers: list[Offer] = []
    asks = point.kind in ("entry", "exit") and point.phase in ("held", "attended")
    if asks and point.visit_id is None and may(role, ConfirmPlate):
        offers.append(Offer("ConfirmPlate", "Confirm plate", "main", point.name))
    if is_opened_once_here(point, role):
        offers.append(Offer("OpenOnce", "Open once", "plain", point.name))
    if point.phase in _DECLARED:
        return tuple(offers)
    if is_closed(point):
        if may(role, OpenPoint):
            offers.append(Offer("OpenPoint", "Open", "quiet", point.name))
    elif may(role, ClosePoint):
        offers.append(Offer("ClosePoint", "Close", "quiet", point.name))
    return tuple(offers)


def is_closed(point: PointView) -> bool:
    """Out of service, by its phase or by what its board says."""
    return point.phase == "closed" or point.message.kind is MessageKind.CLOSED
