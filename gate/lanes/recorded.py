"""What the journal says of steps and decisions, back as the core's own frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from gate.lanes import duties, events
from gate.lanes.events import Decided, Event
from gate.lanes.record import Beginning

EVENTS: Mapping[str, type[Event]] = {
    kind.__name__: kind
    for module in (events, duties)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
}
"""Every event a point can be told, by the name it has in the journal."""

_ADAPTERS: dict[str, TypeAdapter[Any]] = {}
_BEGINNING = TypeAdapter(Beginning)


def read_event(told: Mapping[str, object]) -> Event:
    """Read an event back. Raises ValueError when today's core knows none like it."""
    name = str(told.get("type"))
    if name not in EVENTS:
        raise ValueError(f"no event is called {name} any more")
    if name not in _ADAPTERS:  # made when first met: most readers meet few
        _ADAPTERS[name] = TypeAdapter(EVENTS[name])
    event: Event = _ADAPTERS[name].validate_python(told)
    return event


def read_decided(told: Mapping[str, object]) -> Decided:
    """Read a decision made beside a machine. Raises ValueError as read_event does, or when it is none."""
    event = read_event(told)
    if not isinstance(event, Decided):
        raise ValueError(f"{type(event).__name__} is no decision")  # noqa: TRY004 - what was written, not how
    return event


def read_beginning(told: Mapping[str, object]) -> Beginning:
    """Read back where a replay may take up. Raises ValueError when today's core cannot begin there."""
    return _BEGINNING.validate_python(told)
