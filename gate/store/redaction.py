"""What of an entry's body may stay in the chain for ever: nothing that is not known to be impersonal.

A whitelist: a key that is not listed here is personal, with everything under it. So a new event, act or
report keeps its plates and free texts out of the chain before anybody has thought about it. Officers'
account names stay: they answer for what they did, for as long as the record lasts.
"""

from __future__ import annotations

import json
import re
from typing import Final

_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+/\-]{0,79}").fullmatch
"""Ids made here, times, states, codes, versions: one word of ASCII."""
_NAME: Final = re.compile(r"\w[\w .'\-]{0,63}").fullmatch
"""What an account may be called (gate.store.officers)."""
_LABEL: Final = re.compile(r".{1,4}").fullmatch

# fmt: off
_HOLDERS: Final = (
    "act", "asked", "body", "commands", "decision", "event", "identification", "message", "opening", "read",
    "release", "seen", "sight", "trailer",
)
"""Keys under which others stand; a plain value under them goes."""
_WORDS: Final = (
    # what and where
    "type", "kind", "point", "points", "from", "to", "state", "detector", "contact", "position", "device",
    "aspect", "failed", "phase",
    # ids made by the gate
    "visit", "visits", "visit_id", "visit_ids", "passage_id", "release_id", "decision_id", "call_id",
    "emergency_id", "emergency_ids", "emergencies", "boot_id", "call", "request_id", "opening_id",
    # decisions
    "outcome", "certainty", "corridor", "corridors", "code", "rule", "rules_version", "policy_version",
    "findings", "by", "basis", "status", "category", "mode", "direction", "lane", "opened", "source",
    "check_ordered", "held", "stopped", "place",
    # times, counts, plain answers
    "at", "utc", "mono", "first_presence", "first_presence_utc", "first_presence_mono", "since", "before",
    "version", "level", "oversize", "through", "erased", "frames", "confidence", "sure", "alarm", "present",
    "attended", "at_once", "done", "may_proceed", "asked_at", "shown_at", "age",
    # pictures, by the SHA-256 they are filed under
    "evidence",
    # what retention erased
    "rows", "by_age", "by_quota", "by_disk", "bytes", "names_sha256",
    # what happened to an account
    "account_event", "change",
)
# fmt: on
_KEPT: Final = {
    **dict.fromkeys(_WORDS, _WORD),
    **dict.fromkeys(_HOLDERS),
    **dict.fromkeys(("officer", "second", "answered_by", "notice", "account", "acted_by"), _NAME),
    **dict.fromkeys(("lane_label", "label"), _LABEL),
}
"""Key to what a string under it must look like; None where only what is inside may stay."""

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def redact(body: str) -> tuple[str, str]:
    """The body as it may stay in the chain, and the whole body, both as canonical JSON; equal if all may."""
    whole = json.loads(body)
    return _encode(_kept(whole) if isinstance(whole, dict) else None), _encode(whole)


def is_part(part: object, whole: object) -> bool:
    """Whether `part` (JSON data) says nothing that `whole` does not say at the same place.

    Deliberately not `redact(whole) == part`: entries outlive the list above.
    """
    # Compared in C before it is walked here: this runs over millions of entries, and most of each is equal.
    if isinstance(part, dict) and isinstance(whole, dict):
        for key, value in part.items():
            if key not in whole or (value != whole[key] and not is_part(value, whole[key])):
                return False
        return True
    if isinstance(part, list) and isinstance(whole, list) and len(part) == len(whole):
        return all(
            one is None or one == other or is_part(one, other) for one, other in zip(part, whole, strict=True)
        )
    return part == whole


def _kept(facts: dict[str, object]) -> dict[str, object]:
    kept: dict[str, object] = {}
    for key, value in facts.items():
        if key not in _KEPT:
            continue
        if isinstance(value, dict):
            kept[key] = _kept(value)
        elif isinstance(value, list):
            kept[key] = [_kept(one) if isinstance(one, dict) else _scalar(key, one) for one in value]
        elif value is None or (stays := _scalar(key, value)) is not None:
            kept[key] = None if value is None else stays
    return kept


def _scalar(key: str, value: object) -> object:
    """The value if it may stay; None if not. Lists in lists and the like are nothing the gate writes."""
    fits = _KEPT[key]
    if fits is None:
        return None
    if isinstance(value, str):
        return value if fits(value) else None
    return value if isinstance(value, bool | int | float) else None
