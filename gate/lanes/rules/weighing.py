"""One identification out of all that came (8.0.1, 8.0.2): how sure, by what, and what contradicts it.

It decides nothing: what holds a vehicle are the rules' findings. It is what officers see and the journal
keeps of how the gate knew who had come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gate.lanes.rules.facts import Facts
from gate.model import Certainty, Identification, IdentifiedBy, is_near


def weigh(facts: Facts) -> Identification:
    """The identification with what speaks for it, what against it, and how sure that leaves it."""
    who = facts.identification
    supports, contradicts = tuple(_for(facts)), tuple(_against(facts))
    return replace(who, certainty=_certainty(facts, contradicts), supports=supports, contradicts=contradicts)


def _certainty(facts: Facts, contradicts: tuple[str, ...]) -> Certainty:
    who = facts.identification
    known = bool(facts.lookup.by_number) if facts.at_terminal else who.mark is not None
    if not known:
        return Certainty.UNKNOWN
    if contradicts:
        return Certainty.DOUBTFUL
    return Certainty.SEEN if IdentifiedBy.SIGHT in who.by else Certainty.SURE


def _for(facts: Facts) -> Iterator[str]:
    who, lookup = facts.identification, facts.lookup
    if who.mark is not None and who.seen == who.mark:
        how = "" if who.confidence is None else f" with confidence {who.confidence:.2f}"
        yield f"plate {who.mark} was read{how}"
    if IdentifiedBy.SIGHT in who.by:
        two = f" and {who.plate_second}" if who.plate_second else ""
        yield f"plate {who.mark} was seen by {who.officer or 'an officer'}{two}"
        if who.mark is not None and who.seen not in (None, who.mark) and is_near(who.seen, who.mark):
            yield f"the reader made {who.seen} of it, which is almost the same"
    if who.trailer is not None and who.trailer == who.mark:
        yield "the rear plate is the same"
    elif who.trailer is not None and any(who.trailer in d.marks for d in lookup.by_mark):
        yield f"trailer {who.trailer} was read, and is declared with it"
    if lookup.by_mark:
        yield f"{_several(len(lookup.by_mark))} registered with this plate"
    if who.number is not None and lookup.by_number:
        by = f"entered by {who.officer}" if IdentifiedBy.OFFICER in who.by else "typed"
        space = "cargo declaration" if IdentifiedBy.CARGO in who.by else "number"
        if facts.at_terminal or {d.number for d in lookup.by_number} & {d.number for d in lookup.by_mark}:
            yield f"the {space} {by} finds {_several(len(lookup.by_number))}"
        elif who.number_second is not None:
            yield f"the {space} {by} and {who.number_second} finds {_several(len(lookup.by_number))}"


def _against(facts: Facts) -> Iterator[str]:
    who, lookup = facts.identification, facts.lookup
    if who.seen is not None and who.mark is not None and not is_near(who.seen, who.mark):
        yield f"the reader made {who.seen} of the plate, not {who.mark}"
    for rival in who.rivals:
        if rival != who.mark:
            yield f"another reader made {rival} of the plate"
    if who.trailer not in (None, who.mark):
        declared = any(who.trailer in d.marks for d in lookup.by_mark)
        if not declared:
            yield f"the rear plate {who.trailer} is neither the front's nor declared with it"
    if who.number is not None and not facts.at_terminal and who.mark is not None:
        yield from _number_against(facts)
    if facts.at_terminal and len(lookup.by_number) > 1:
        yield f"the number finds {_several(len(lookup.by_number))}"
    for candidate in facts.near:
        yield f"{candidate} is declared, almost the same"
    for twin in facts.twins:
        if twin.is_here:
            yield f"a vehicle with this plate {twin.whereabouts}"


def _number_against(facts: Facts) -> Iterator[str]:
    lookup = facts.lookup
    registered = {d.number for d in lookup.by_mark}
    if not lookup.by_number:
        yield "the number given finds nothing"
    for declaration in lookup.by_number:
        if declaration.number not in registered:
            marks = " and ".join(declaration.marks) or "no plate"
            yield f"the number given is declared for {marks}"
    if len(lookup.by_number) > 1:
        yield f"the number given finds {_several(len(lookup.by_number))}"


def _several(count: int) -> str:
    return "1 declaration" if count == 1 else f"{count} declarations"
