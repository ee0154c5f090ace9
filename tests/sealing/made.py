"""One sealed declaration and the keys around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gate.model import (
    Category,
    Corridor,
    CorridorVerdict,
    Declaration,
    DeclarationStatus,
    NotificationNumber,
    RegistrationMark,
    TransportMode,
    TravelDirection,
)
from gate.sealing import seal, sign
from gate.sealing.unseal import unseal

REGISTERED = datetime(2026, 3, 1, 8, 0, 0, 123000, tzinfo=UTC)
ARRIVED = REGISTERED + timedelta(hours=2)
UNTIL = REGISTERED + timedelta(days=30)
NUMBER = NotificationNumber("5728134690214")


@dataclass(frozen=True)
class Made:
    """Keys of both ends."""

    central: Ed25519PrivateKey
    site: X25519PrivateKey

    @property
    def central_public(self) -> Ed25519PublicKey:
        """What every site holds of central."""
        return self.central.public_key()

    def sealed(
        self, verdict: CorridorVerdict | None = None, declaration: Declaration | None = None
    ) -> Declaration:
        """`declaration` with `verdict` sealed beside it, signed."""
        declaration = declaration or plain()
        verdict = verdict or CorridorVerdict(declaration.number, Corridor.YELLOW, "M1", 48)
        return seal(
            declaration,
            verdict,
            valid_from=REGISTERED,
            valid_until=UNTIL,
            site_public_key=self.site.public_key(),
            central_private_key=self.central,
        )

    def signed(self, declaration: Declaration) -> Declaration:
        """`declaration` as central publishes it, signed as it stands, whatever stands in it."""
        return sign(declaration, self.central)

    def opened(
        self, declaration: Declaration, *, site: str = "samur", at: datetime = ARRIVED
    ) -> CorridorVerdict:
        """What the door would get."""
        return unseal(
            declaration,
            site=site,
            site_private_key=self.site,
            central_public_key=self.central_public,
            at=at,
        )


def made() -> Made:
    """Fresh keys."""
    return Made(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())


KEYS = made()
"""Those of the central that a test's store believes, where the test says nothing else."""


def plain() -> Declaration:
    """A declaration of two marks without a verdict."""
    return Declaration(
        number=NUMBER,
        version=3,
        site="samur",
        direction=TravelDirection.ENTRY,
        mode=TransportMode.ROAD,
        category=Category.GOODS,
        status=DeclarationStatus.ACTIVE,
        marks=(RegistrationMark("10AA123"), RegistrationMark("99BB999")),
        registered_at=REGISTERED,
        verdict=None,
    )
