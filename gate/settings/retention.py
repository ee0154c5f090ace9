"""How long the checkpoint keeps pictures and personal data, and how much room pictures may take."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationInfo, field_validator

from gate.settings.types import Section

MEGABYTE = 1_000_000


class RetentionSettings(Section):
    """Whatever is reached first erases the oldest pictures: days, room taken, room left on the disk."""

    personal_days: int = Field(
        default=365, ge=7, le=3660, description="days that plates, numbers and free texts are kept"
    )
    evidence_days: int = Field(
        default=90, ge=1, le=3660, validate_default=True, description="days that pictures are kept"
    )
    evidence_megabytes: int = Field(
        default=20_000, ge=100, le=10_000_000, description="room that pictures may take"
    )
    evidence_min_free_megabytes: int = Field(
        default=1_000, ge=50, le=1_000_000, description="room on the disk that pictures leave free"
    )

    # `personal_days` stands before it so that `info.data` holds it.
    @field_validator("evidence_days")
    @classmethod
    def _no_longer_than_the_plate(cls, days: int, info: ValidationInfo) -> int:
        """A picture shows the plate: kept longer than the plate in the record it would undo the erasure."""
        personal = info.data.get("personal_days")
        if personal is not None and days > personal:
            raise ValueError(
                f"pictures show plates and would outlive them: evidence_days {days} is more than"
                f" personal_days {personal}"
            )
        return days

    @property
    def quota_bytes(self) -> int:
        """Room that pictures may take."""
        return self.evidence_megabytes * MEGABYTE

    @property
    def free_bytes(self) -> int:
        """Room that the oldest pictures are erased for."""
        return self.evidence_min_free_megabytes * MEGABYTE

    @property
    def floor_bytes(self) -> int:
        """Below so much free room no picture is written: the rest is the journal's."""
        return self.free_bytes // 2


def known_zone(name: str) -> str:
    """`name` if this machine knows such a time zone. Raises ValueError when it does not."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"this machine knows no time zone {name!r} (is tzdata installed?)") from error
    return name
