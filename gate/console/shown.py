"""What this console has shown to whom: a form's act counts for what its officer saw, once.

Kept in memory: after a restart every form looks again, and nothing is done on an old one.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from gate.clock import Instant
from gate.console.asking import AskingError
from gate.lanes.acts import Act
from gate.lanes.duty_acts import HoldToRun
from gate.lanes.sight import Seen, Sight
from gate.lanes.staleness import NEVER_LATE, ON_VEHICLES

FIELD = "seen"
UNSEEN = (
    "The seen is missing: look at the vehicle first (GET /api/look with its visit_id or point), and send the "
    "seen of that answer with the act."
)
USED = "What was shown is not known any more: it was acted on already, or the gate was restarted. Look again."
_MOST = 2000
"""Forms kept: more than so many screens show at once; the oldest are looked at again."""


@dataclass(frozen=True, slots=True)
class _Shown:
    officer: str
    sight: Sight
    at: datetime
    mono: float
    version: int


class NotShownError(Exception):
    """The act names nothing that was shown to this officer."""


@dataclass(slots=True)
class Shown:
    """By a name that nobody can guess."""

    _kept: OrderedDict[str, _Shown] = field(default_factory=OrderedDict)

    def keep(self, officer: str, sight: Sight, version: int, at: Instant) -> str:
        """Remember what is being shown; the name goes into the form."""
        name = secrets.token_urlsafe(12)
        self._kept[name] = _Shown(officer, sight, at.utc, at.mono, version)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return name

    def take(self, act: Act, name: object, source: str, at: Instant) -> Seen:
        """What was shown under this name, and by that to nobody else and no second time.

        AskingError when an act on a vehicle names nothing; NotShownError when what it names is not known.
        """
        if not isinstance(name, str) or not name:
            if isinstance(act, ON_VEHICLES):
                raise AskingError(UNSEEN)
            return Seen(screen=source, asked_at=at.utc)
        shown = self._kept.get(name)
        if shown is None or shown.officer != act.officer:
            if isinstance(act, NEVER_LATE) and not isinstance(act, HoldToRun):
                return Seen(screen=source, asked_at=at.utc)
            raise NotShownError
        if not isinstance(act, HoldToRun):  # pressed again and again, each press a decision of its own
            del self._kept[name]
        return Seen(
            screen=source,
            asked_at=at.utc,
            shown_at=shown.at,
            age=round(at.mono - shown.mono, 3),
            version=shown.version,
            sight=shown.sight,
        )

    def give_back(self, officer: str, name: object, seen: Seen, at: Instant) -> None:
        """Nothing was done on it: it may be asked again, with a second officer beside the first, say.

        `at` is when it was asked, as `take` was told.
        """
        if isinstance(name, str) and seen.sight is not None and seen.shown_at is not None:
            mono = at.mono - seen.age
            self._kept[name] = _Shown(officer, seen.sight, seen.shown_at, mono, seen.version or 0)
