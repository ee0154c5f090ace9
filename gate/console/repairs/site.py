"""What needs a person at the box itself: clock, lines, disk, record, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gate.console.repairs.facts import Facts, Gravity, Repair

AWAY_LONG = timedelta(minutes=10)
"""Of reports that wait: until then a line that comes and goes is nobody's errand."""
UNANCHORED_LONG = timedelta(hours=1)
RETENTION_LATE = timedelta(days=2)
ENDS_SOON = timedelta(days=30)
ENDS_NOW = timedelta(days=3)
DISK_LOW = 5 * 1024**3
_GIB = 1024**3


def reading(facts: Facts) -> Iterator[Repair]:
    """The reading of plates as a whole."""
    said = facts.overview.system.anpr
    advice = "It is begun anew by itself. If it stays: `gate doctor`, then `journalctl -u gate`."
    if "anpr.memory_mb" in said:
        advice = (
            "It is begun anew by itself. If it comes again: raise anpr.memory_mb where there is memory, "
            "lower the cameras' resolution, or name a roi."
        )
    if said not in ("ok", "starting", "not configured"):
        yield Repair(
            "anpr",
            Gravity.HAMPERS,
            "Plate reading",
            said,
            advice,
            "technician",
        )


def clock(facts: Facts) -> Iterator[Repair]:
    """A clock that nobody confirmed, or that is wrong."""
    clock = facts.overview.system.clock
    if clock.state != "trusted":
        yield Repair("clock", Gravity.STOPS, "This box's clock", clock.says, clock.do, "technician")


def central(facts: Facts) -> Iterator[Repair]:
    """The line to central, in both directions."""
    system, upkeep = facts.overview.system, facts.upkeep
    away = system.central.startswith("away")
    if away:
        yield Repair(
            "central",
            Gravity.HAMPERS,
            "Central",
            system.central,
            "Look at the line to central: the router's lamps, then ping central. Its operators know more.",
            "technician",
        )
    served, fetched = system.central != "not configured", system.cache_fetched_at
    if served and fetched is not None and facts.now - fetched > facts.feed_max_age:
        yield Repair(
            "feed",
            Gravity.STOPS,
            "Declarations from central",
            "The last word from central is too old to direct anybody by",
            "Get central back. Until then every vehicle is held and officers decide.",
            "technician",
            fetched,
        )
    since = upkeep.unsent_since if upkeep is not None else None
    if served and upkeep is not None and since is not None and facts.now - since > AWAY_LONG:
        yield Repair(
            "outbox",
            Gravity.HAMPERS,
            "Reports to central",
            f"{upkeep.unsent} wait to be sent",
            "They are kept and sent when central answers. If central is there: its log says why it refuses.",
            "technician",
            since,
        )


def broker(facts: Facts) -> Iterator[Repair]:
    """The devices' broker."""
    said = facts.overview.system.broker
    if said not in ("connected", "not configured"):
        yield Repair(
            "broker",
            Gravity.STOPS,
            "Devices' broker",
            said,
            "`systemctl status mosquitto`, then its address and its certificate in the configuration.",
            "technician",
        )


def disk(facts: Facts) -> Iterator[Repair]:
    """The disk that everything is written to."""
    if not facts.writable:
        yield Repair(
            "read-only",
            Gravity.STOPS,
            facts.data,
            "The data folder takes no writes: nothing can be journalled, so nothing moves",
            "`dmesg` says why the disk went read-only; back it up, `fsck` or change it, restart the gate.",
            "technician",
        )
    if facts.disk_free is None or facts.disk_free >= max(DISK_LOW, facts.disk_floor):
        return
    full = facts.disk_free < max(_GIB, facts.disk_floor)
    yield Repair(
        "disk",
        Gravity.STOPS if full else Gravity.SOON,
        facts.data,
        f"{facts.disk_free / _GIB:.1f} GiB left on its disk" + ("; no picture is kept" if full else ""),
        "Free some room, or lower retention.evidence_megabytes; when it is full nobody can be directed.",
        "technician",
    )


def record(facts: Facts) -> Iterator[Repair]:
    """The journal, its signatures, and what was set aside."""
    if facts.upkeep is None and facts.upkeep_problem:
        yield Repair(
            "journal",
            Gravity.STOPS,
            f"{facts.data}/journal.db",
            facts.upkeep_problem,
            "Keep the file: it is evidence. Copy it away, then restore a backup and restart the gate.",
            "technician",
        )
    if not facts.signed:
        yield Repair(
            "unsigned",
            Gravity.SOON,
            "keys.site_signing",
            "The journal's heads are not signed: root here could make it anew",
            "Make one with `gate journal key`, name it in the configuration, give central its public half.",
            "technician",
        )
    since = facts.upkeep.unanchored_since if facts.upkeep is not None else None
    if since is not None and facts.now - since > UNANCHORED_LONG:
        yield Repair(
            "unanchored",
            Gravity.SOON,
            f"{facts.data}/journal.db",
            "Central has countersigned nothing that was written since",
            "Get central back; if it is there, ask its operators whether it refused a head, and run "
            "`gate journal verify`.",
            "technician",
            since,
        )
    for name in facts.set_aside:
        yield Repair(
            f"aside:{name}",
            Gravity.SOON,
            f"{facts.data}/{name}",
            "A damaged cache was set aside and filled anew from central",
            "Check the disk (`smartctl -a`). Keep the file for whoever looks into it, then delete it.",
            "technician",
        )


def retention(facts: Facts) -> Iterator[Repair]:
    """What should be erased by now, and room for pictures."""
    oldest = facts.upkeep.oldest_personal if facts.upkeep is not None else None
    due = timedelta(days=facts.personal_days) + RETENTION_LATE
    if oldest is not None and facts.now - oldest > due:
        yield Repair(
            "retention",
            Gravity.SOON,
            "Retention",
            f"Plates of {oldest.date().isoformat()} are still held, past {facts.personal_days} days",
            "An alarm nobody acknowledged keeps its visit: come to it. Else see `journalctl -u gate` for "
            "retention.failed.",
            "shift lead, then technician",
        )
    said = facts.overview.system.evidence
    if said != "ok":
        yield Repair(
            "evidence",
            Gravity.HAMPERS,
            "Pictures",
            said[:1].upper() + said[1:],
            "Free some room on the disk, or let retention keep fewer (docs/retention.md).",
            "technician",
        )


def endings(facts: Facts) -> Iterator[Repair]:
    """Certificates and keys with a last day."""
    for ending in facts.endings:
        left = ending.ends - facts.now
        if left > ENDS_SOON:
            continue
        over = left <= timedelta()
        when = ending.ends.date().isoformat()
        yield Repair(
            f"ending:{ending.file}",
            Gravity.STOPS if over else Gravity.HAMPERS if left <= ENDS_NOW else Gravity.SOON,
            ending.file,
            f"{ending.what} ended on {when}"
            if over
            else f"{ending.what} ends on {when}, in {left.days} days",
            "Put a renewed one into this file, then restart the gate at a quiet hour.",
            "technician",
        )


def certificates(facts: Facts) -> Iterator[Repair]:
    """What the faces show, and what kiosks show them."""
    for one in facts.overview.system.certificates:
        if one.state != "good":
            gravity = Gravity.HAMPERS if one.state == "broken" else Gravity.SOON
            yield Repair(f"certificate:{one.what}", gravity, one.what, one.says, one.do, "technician")


def reviews(facts: Facts) -> Iterator[Repair]:
    """Emergencies that nobody has looked back at yet."""
    for line in facts.overview.reviews:
        if line.ended_at is not None:
            yield Repair(
                f"review:{line.emergency_ids[0]}",
                Gravity.SOON,
                ", ".join(line.points),
                f"An emergency that {line.officer} declared waits for its review",
                "Another shift lead looks back at it, at the top of the checkpoint's page.",
                "shift lead",
                line.began_at,
            )
