"""The first screen in parts, each drawn when what it shows has changed, and once for everybody alike."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from starlette.requests import Request

from gate.console.desk import Desk
from gate.console.disclosure import disclosed_overview
from gate.console.duty_offers import card_offers, checkpoint_offers
from gate.console.looking import requests_for
from gate.console.offers import Offer, is_closed, point_offers, standing_at, visit_offers
from gate.console.refused_count import refused_in_all
from gate.console.sessions import Session, may, may_search
from gate.lanes.acts import AcknowledgeCall, AttendTerminal
from gate.lanes.duty_acts import AnswerRollCall
from gate.lanes.order_acts import ReviewEmergency
from gate.lanes.places import PlaceView
from gate.lanes.ports import Call, Declared, RollCallLine
from gate.lanes.views import Overview, PointView
from gate.model import NotificationNumber, Visit, VisitStatus
from gate.store.officers import Officer, Role

_KINDS = ("approach", "terminal", "entry", "exit")
_COMPACT_FROM = 8
"""So many lanes and places do not fit one under the other on a booth's screen."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The checkpoint as one kind of officer sees it: HTML by element id, each with its digest.

    The forms in it carry `stencil` where a session's token belongs.
    """

    version: int
    parts: Mapping[str, str]
    before: tuple[str, ...]
    """Ids of the approaches and terminals, in order."""
    lanes: tuple[str, ...]
    """Ids of lanes and holding places, in the order in which they lie."""
    visits: tuple[str, ...]
    stencil: str

    @property
    def compact(self) -> bool:
        """Whether the lanes stand two abreast."""
        return len(self.lanes) >= _COMPACT_FROM

    @property
    def layout(self) -> str:
        """What the page's frame was made for: another one wants the page loaded again."""
        return _digest(" ".join((*self.before, "|", *self.lanes)))

    def for_session(self, html: str, session: Session) -> str:
        """`html` with the session's own token in its forms."""
        return html.replace(self.stencil, session.csrf)

    def since(self, other: Picture | None) -> list[str]:
        """Everything that must be put on a page that shows `other`."""
        old = other.parts if other else {}
        same_list = other is not None and other.visits == self.visits
        # A list that is put anew brings its cards; one that stays needs those alone that changed.
        skipped = {"visits"} if same_list else set(self.visits)
        return [html for name, html in self.parts.items() if name not in skipped and old.get(name) != html]


@dataclass(slots=True)
class Ground:
    """Draws pictures of the checkpoint, at most one a version and kind of officer."""

    desk: Desk
    stencil: str = field(default_factory=lambda: secrets.token_hex(32))
    """Nobody can guess it, so nothing written by people can be taken for it."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _overview: Overview | None = None
    _declared: dict[NotificationNumber, Declared | None] = field(default_factory=dict)
    _declared_at: int = -1
    _pictures: dict[tuple[Role, str], Picture] = field(default_factory=dict)
    _drawn: dict[tuple[Role, str, str], tuple[Any, str]] = field(default_factory=dict)

    async def overview(self, at_least: int | None = None) -> Overview:
        """The checkpoint as it may be shown; one read no older than version `at_least` will do."""
        async with self._turn:
            return await self._look(at_least)

    async def picture(self, session: Session, at_least: int | None = None) -> Picture:
        """The checkpoint as this session's officer sees it."""
        async with self._turn:
            overview = await self._look(at_least)
            declared = await self._facts(overview)
        officer = session.officer
        # Whose own word stands there has buttons that nobody else has; all others of a role see the same.
        concerned = {
            *(point.attended_by for point in overview.points),
            *(asked.officer for asked in overview.requests),
            *(line.officer for line in overview.reviews),
        }
        seen_as = Officer(officer.name if officer.name in concerned else "", officer.role)
        key = (seen_as.role, seen_as.name)
        known = self._pictures.get(key)
        if at_least is not None and known is not None and known.version == overview.version:
            return known
        facts = declared if may_search(seen_as.role) else {}
        picture = self._draw(overview, facts, seen_as)
        self._pictures[key] = picture
        return picture

    async def _look(self, at_least: int | None) -> Overview:
        if at_least is None or self._overview is None or self._overview.version < at_least:
            self._overview = disclosed_overview(await self.desk.checkpoint.overview())
        return self._overview

    async def _facts(self, overview: Overview) -> dict[NotificationNumber, Declared]:
        """What was declared for the vehicles here; asked once for each number and state of the cache."""
        if self._declared_at != overview.system.cache_cursor:
            self._declared, self._declared_at = {}, overview.system.cache_cursor
        wanted = [number for visit in overview.visits for number in visit.numbers]
        unknown = [number for number in dict.fromkeys(wanted) if number not in self._declared]
        if unknown:
            found = {one.number: one for one in await self.desk.checkpoint.declared_as(unknown)}
            self._declared |= {number: found.get(number) for number in unknown}
        known = {number: self._declared[number] for number in wanted}
        self._declared = dict(known)  # of vehicles that have gone nothing is kept
        return {number: one for number, one in known.items() if one is not None}

    def _draw(
        self, overview: Overview, declared: Mapping[NotificationNumber, Declared], officer: Officer
    ) -> Picture:
        role = officer.role
        visits = _most_wanted_first(overview, role)
        may_acknowledge = may(role, AcknowledgeCall)
        stand_in = Session.stand_in(officer, self.stencil)
        common = {"session": stand_in, "labels": labels_of(overview)}
        parts: dict[str, str] = {}

        def draw(name: str, template: str, **shown: object) -> str:
            key = (role, officer.name, name)
            known = self._drawn.get(key)
            if known is None or known[0] != shown:
                html = self.desk.render_text(template, **shown, **common)
                self._drawn[key] = known = (shown, _told_apart(name, html))
            parts[name] = known[1]
            return known[1]

        system = overview.system
        draw("health", "health.html", system=system, refused=refused_in_all())
        waiting = len(self.desk.workshop.waiting) if self.desk.workshop is not None else 0
        draw("repairs", "repairs_link.html", waiting=waiting)
        draw("all-lanes", "all_lanes.html", emergency_offers=checkpoint_offers(overview, role))
        draw(
            "alerts",
            "alerts.html",
            safe_mode=system.safe_mode,
            clock=system.clock if system.clock.do else None,
            roll_call=roll_call_of(overview),
            may_answer=may(role, AnswerRollCall),
            reviews=overview.reviews,
            may_review=may(role, ReviewEmergency),
        )
        draw("requests", "requests.html", requests=requests_for(overview.requests, stand_in))
        draw("calls", "calls.html", calls=calls_of(overview), may_acknowledge=may_acknowledge)
        for point in overview.points:
            draw(
                f"point-{point.name}",
                "lane.html" if point.kind in ("entry", "exit") else "post.html",
                point=point,
                visit=next((visit for visit in visits if visit.visit_id == point.visit_id), None),
                offers=_offers_at(point, overview, role),
                duties=card_offers(point, officer),
                may_attend=may(role, AttendTerminal),
                closed=is_closed(point),
            )
        held = [visit for visit in visits if visit.status is VisitStatus.HELD]
        places = places_of(overview, held)
        for place in places:
            parked = tuple(_parked(place, held, overview))
            draw(f"bay-{place.label}", "bay.html", place=place, parked=parked)
        twins = twins_of(overview)
        cards = tuple(
            draw(
                f"visit-{visit.visit_id}",
                "visit_card.html",
                visit=visit,
                here=_name_of(standing_at(visit, overview)),
                offers=visit_offers(visit, overview, role),
                declared={number: declared[number] for number in visit.numbers if number in declared},
                twins=twins.get(visit.visit_id, []),
            )
            for visit in visits
        )
        draw("visits", "visits.html", cards=cards)
        for name in [key for key in self._drawn if key[:2] == (role, officer.name) and key[2] not in parts]:
            del self._drawn[name]
        by_kind = {
            kind: tuple(f"point-{point.name}" for point in overview.points if point.kind == kind)
            for kind in _KINDS
        }
        return Picture(
            overview.version,
            parts,
            (*by_kind["approach"], *by_kind["terminal"]),
            (*by_kind["entry"], *(f"bay-{place.label}" for place in places), *by_kind["exit"]),
            tuple(f"visit-{visit.visit_id}" for visit in visits),
            self.stencil,
        )


def ground_of(request: Request) -> Ground:
    """The ground of the application this request came to."""
    return cast("Ground", request.app.state.ground)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _told_apart(name: str, html: str) -> str:
    """The part with its digest, by which a page knows what it has already."""
    return html.strip().replace(
        f'id="{name}"', f'id="{name}" data-is="{_digest(html)}" hx-swap-oob="true"', 1
    )


def _name_of(point: PointView | None) -> str | None:
    return None if point is None else point.name


def labels_of(overview: Overview) -> dict[str, str]:
    """What boards call each point: officers and drivers say "lane 2", not "lane-2"."""
    return {point.name: point.label for point in overview.points}


def calls_of(overview: Overview) -> list[Call]:
    """Who is wanted where: those that nobody comes to first, the gravest and oldest of them on top."""
    return sorted(
        overview.calls,
        key=lambda call: (call.acknowledged_by is not None, -call.level, not call.alarm, call.since),
    )


def escalated(overview: Overview) -> list[Call]:
    """Calls that nobody came to: shown at the top of every page until somebody says they are coming."""
    up = [call for call in overview.calls if call.level > 1 and call.acknowledged_by is None]
    return sorted(up, key=lambda call: (-call.level, call.since))


def roll_call_of(overview: Overview) -> list[tuple[RollCallLine, Visit | None]]:
    """Who must be answered for, each with its visit."""
    open_visits = {visit.visit_id: visit for visit in overview.visits}
    return [(line, open_visits.get(line.visit_id)) for line in overview.roll_call]


def twins_of(overview: Overview) -> dict[str, list[Visit]]:
    """For each visit whose plate came twice, the other open visits of that plate."""
    doubled = [visit for visit in overview.visits if any(f.code == "cloned-plate" for f in visit.findings)]
    return {
        visit.visit_id: [
            other
            for other in overview.visits
            if other.mark == visit.mark and other.visit_id != visit.visit_id
        ]
        for visit in doubled
    }


def places_of(overview: Overview, held: Iterable[Visit]) -> tuple[PlaceView, ...]:
    """The holding places; a gate that names none has one that nobody counts."""
    here = sum(standing_at(visit, overview) is None for visit in held)
    return overview.places or (PlaceView(overview.system.holding_bay, None, here, overfull=False),)


def _parked(place: PlaceView, held: list[Visit], overview: Overview) -> list[Visit]:
    """Held visits that stand at no point any more; without a place of their own they are in the first."""
    places = [its.label for its in overview.places] or [place.label]
    own = [(visit, visit.lane if visit.lane in places else places[0]) for visit in held]
    return [visit for visit, label in own if label == place.label and standing_at(visit, overview) is None]


def _offers_at(point: PointView, overview: Overview, role: Role) -> tuple[Offer, ...]:
    # The vehicle's own main act is offered where it stands, too: that is where an officer looks.
    standing = [visit for visit in overview.visits if visit.visit_id == point.visit_id]
    main = [
        offer for visit in standing for offer in visit_offers(visit, overview, role) if offer.weight == "main"
    ]
    return (*main, *point_offers(point, role))


def _most_wanted_first(overview: Overview, role: Role) -> list[Visit]:
    # Those that wait for an officer come first; within, who came first. Holding is offered for all others.
    def waits(visit: Visit) -> bool:
        asked = any(offer.weight == "main" for offer in visit_offers(visit, overview, role))
        return asked or visit.status in (VisitStatus.ARRIVED, VisitStatus.HELD)

    return sorted(overview.visits, key=lambda visit: (not waits(visit), visit.first_presence))
