"""What every section of the configuration is made of: a strict, frozen model and a few kinds of value."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# A description beside a pattern is what gate.config tells people is allowed.
Name = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,31}$",
        description="lower-case letters, digits and dashes, 32 at most, a dash not first",
    ),
]
"""It goes into topics, paths and logs."""
Port = Annotated[int, Field(ge=1, le=65535)]
Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+\S*$", description="an http:// or https:// address")]
RtspUrl = Annotated[str, Field(pattern=r"^rtsp://[^\s/]+\S*$", description="an rtsp:// address")]
Baud = Annotated[int, Field(ge=300, le=4_000_000)]


class Section(BaseModel):
    """One section of the file: unknown keys are errors, and nothing changes after loading."""

    # An infinite or NaN patience would pass `gt=0` and then never run out.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
