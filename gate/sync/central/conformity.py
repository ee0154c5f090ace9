"""Whether a registered declaration conforms (Rules 3.4): what does not gets no corridor (3.5)."""

from __future__ import annotations

from gate.model import Category, TravelDirection
from gate.sync.central.filing import Filing
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.refusals import Reason


def remarks_on(filing: Filing, policy: CentralPolicy) -> tuple[Reason, ...]:
    """Why `filing` does not conform; empty when it does. Depends on nothing that risk groups know."""
    remarks = []
    for index, line in enumerate(filing.goods):
        if line.code.startswith(policy.permit_codes) and not line.documents:
            remarks.append(
                Reason(
                    error=f"goods of code {line.code} need a certificate or permit (Rules 3.4.2)",
                    where=f"goods.{index}.documents",
                    do="amend the declaration with the number of the certificate or permit",
                )
            )
        if any(line.code.startswith(code) and line.origin == origin for code, origin in policy.quarantined):
            remarks.append(
                Reason(
                    error=f"goods of code {line.code} from {line.origin} are barred (Rules 3.4.4)",
                    where=f"goods.{index}.origin",
                    do="do not bring these goods; amend or withdraw the declaration",
                )
            )
    return tuple(remarks)


def has_corridor(filing: Filing) -> bool:
    """Whether the Rules give this movement a corridor at all: goods, coming in (2.1)."""
    return filing.category is Category.GOODS and filing.direction is TravelDirection.ENTRY
