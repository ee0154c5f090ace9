"""What one check of `gate doctor` says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    """The gate runs, but not all of it, or not for long."""
    FAIL = "fail"
    """The gate cannot do its work like this."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and what to do about it unless it is ok."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


def ok(name: str, found: str) -> Check:
    """Nothing to do."""
    return Check(name, Verdict.OK, found)


def warn(name: str, found: str, advice: str) -> Check:
    """Something to do, not at once."""
    return Check(name, Verdict.WARN, found, advice)


def fail(name: str, found: str, advice: str) -> Check:
    """Something to do first."""
    return Check(name, Verdict.FAIL, found, advice)
