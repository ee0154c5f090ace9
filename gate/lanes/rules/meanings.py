"""Every finding the gate can make of a vehicle or a carrier, and what it means: for the docs and the report.

A finding is a reason with its Rules number. A test compares this with the code that makes them, both ways,
and `make diagrams` writes docs/findings.md from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from gate.model import Outcome


@dataclass(frozen=True, slots=True)
class Meaning:
    """Under which Rules numbers a finding is made, what it alone demands, and what is so."""

    rules: tuple[str, ...]
    text: str
    outcome: Outcome = Outcome.HOLD


MEANING: dict[str, Meaning] = {
    # --- who has come ---------------------------------------------------------------------------
    "unread-plate": Meaning(("8.0.1",), "no sure read of the plate: an officer confirms it by sight"),
    "number-without-plate": Meaning(
        ("8.0.1",), "a number was given and the plate is not known: an officer confirms it by sight"
    ),
    "near-match": Meaning(
        ("8.0.1",),
        "the plate is declared nowhere, and one declared plate is almost it: a candidate to confirm",
    ),
    "ambiguous-plate": Meaning(
        ("8.0.1",), "the plate is declared nowhere, and several declared plates are almost it"
    ),
    "plate-number-disagree": Meaning(
        ("8.0.1",), "the number given is not registered with the plate seen; two officers may settle it"
    ),
    "ambiguous-number": Meaning(("8.0.1", "8.0.2"), "the number given finds two things"),
    "trailer-mismatch": Meaning(("8.0.1",), "the rear plate surely read is not that of the declared trailer"),
    "trailer-unread": Meaning(("8.0.1",), "a trailer is declared and was not surely read (policy)"),
    "trailer-undeclared": Meaning(("8.0.1",), "a rear plate surely read is declared nowhere (policy)"),
    "groupage-held": Meaning(("8.0.1",), "several notifications on one plate, and policy wants an officer"),
    "cloned-plate": Meaning(("8.0.1",), "a vehicle with this plate is inside already: alarm, both are held"),
    "baggage-on-vehicle": Meaning(("8.0.1",), "the declaration is for accompanied baggage"),
    "not-the-same-vehicle": Meaning(
        ("8.0.1",), "after a restart another plate stands where one stood before"
    ),
    "presence-unknown": Meaning(("8.0.1",), "a plate was read and the presence detector does not answer"),
    "not-at-terminal": Meaning(("8.0.2",), "the number was not given at a terminal, nor by an officer"),
    "terminal-unattended": Meaning(("8.0.2",), "a number at a terminal that nobody attends: no presence"),
    "vehicle-at-terminal": Meaning(("8.0.2",), "the declaration is for goods on a vehicle"),
    # --- what binds it --------------------------------------------------------------------------
    "used-before": Meaning(("8.0",), "every declaration found was used on an earlier trip"),
    "opened-before": Meaning(
        ("8.0", "3.6"), "a declaration was directed before, in a visit that is not over"
    ),
    "turned-round": Meaning(("8.0",), "it was directed, left unreleased, and came back"),
    "amended-after-arrival": Meaning(("8.0",), "a declaration was amended after the vehicle had come"),
    "amended-after-opening": Meaning(("3.6",), "a declaration was amended after its verdict was opened"),
    # --- what was declared ----------------------------------------------------------------------
    "no-declaration": Meaning(("3.1",), "nothing is declared for this plate, or under this number"),
    "other-checkpoint": Meaning(("3.1",), "declared for another checkpoint"),
    "other-direction": Meaning(("3.1",), "declared for the other direction"),
    "mixed-scope": Meaning(("2.1",), "goods under the Rules and others on one vehicle"),
    "outside-rules": Meaning(("2.1",), "by central's category outside the Rules", Outcome.REFER),
    "referred-by-officer": Meaning(("2.1",), "outside the Rules, an officer says", Outcome.REFER),
    "late-declaration": Meaning(("2.2",), "registered less than the lead time before first presence"),
    "clock-unknown": Meaning(
        ("2.2",), "the box does not know central's time, or did not when the vehicle came"
    ),
    "clock-skewed": Meaning(("2.2",), "the box's clock and central's are further apart than policy allows"),
    "oversize": Meaning(("9.1",), "higher than ordinary lanes take, beside what holds it"),
    "no-oversize-lane": Meaning(("9.1",), "no open lane that serves it takes so high a vehicle"),
    "withdrawn": Meaning(("3.3",), "the declaration was withdrawn"),
    "stale-cache": Meaning(("3.3",), "what the gate knows is too old, or older than what it knew before"),
    "fault": Meaning(("3.3",), "the gate could not look"),
    "no-verdict": Meaning(("3.5", "3.6"), "central gave no verdict"),
    # --- the sealed verdict ---------------------------------------------------------------------
    "expired-verdict": Meaning(("3.6",), "the verdict ran out before the vehicle came"),
    "early-verdict": Meaning(("3.6",), "the verdict is for a later time"),
    "forged-row": Meaning(("3.6",), "a row of the cache is not as central signed it"),
    "absent-row": Meaning(("3.6",), "another declaration of this plate is gone from the cache"),
    "older-row": Meaning(("3.6",), "an older version was put back into the cache"),
    "swapped-verdict": Meaning(("3.6",), "the verdict beside the declaration is another one's"),
    "foreign-verdict": Meaning(("3.6",), "the verdict is another checkpoint's, or sealed to another key"),
    "replayed-verdict": Meaning(("3.6",), "the verdict was given to an older version"),
    "malformed-verdict": Meaning(("3.6",), "the verdict is not written as verdicts are"),
    "not-all-opened": Meaning(("3.6",), "not every declaration on the vehicle has an opened verdict"),
    # --- where it goes --------------------------------------------------------------------------
    "held-by-officer": Meaning(
        ("9.3",), "an officer took its direction back: nothing is released before it was looked at again"
    ),
    "no-open-lane": Meaning(("9.1",), "no open lane serves the vehicle's corridor; it goes unspoken"),
    "directed": Meaning(
        ("7.0.1", "7.0.2", "7.0.3", "7.0.4"), "directed by the strictest opened verdict", Outcome.DIRECT
    ),
}
"""The gravest sets the outcome: HOLD before REFER before DIRECT."""
