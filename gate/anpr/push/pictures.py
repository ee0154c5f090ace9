"""A camera's pictures as evidence: a whole JPEG of a sensible size, kept byte for byte as it came."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, UnidentifiedImageError

from gate.anpr.passage.evidence import EvidenceFolder

MOST_BYTES = 3 * 1024 * 1024
MOST_PIXELS = 40_000_000
_GLANCE = (64, 64)


def fault_of(data: bytes) -> str | None:
    """What is wrong with this picture; None for a sound JPEG."""
    if len(data) > MOST_BYTES:
        return f"longer than {MOST_BYTES} bytes"
    if not data.startswith(b"\xff\xd8\xff"):
        return "no JPEG"
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            # The size is in the header: a small file that claims a huge picture is never decoded.
            if picture.width * picture.height > MOST_PIXELS:
                return f"larger than {MOST_PIXELS} pixels"
            picture.draft("RGB", _GLANCE)  # decoded to an eighth: every byte is read, little is computed
            picture.load()
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        return f"no whole JPEG ({type(error).__name__})"
    return None


def keep(folder: EvidenceFolder, pictures: Sequence[bytes]) -> tuple[tuple[str, ...], list[str]]:
    """Names of the sound ones, written durably, and what is wrong with the others.

    Takes as long as the disk: call it in a thread. Raises StoreError when the disk refuses.
    """
    names: list[str] = []
    faults: list[str] = []
    for data in pictures:
        fault = fault_of(data)
        if fault is None:
            names.append(folder.put(data))
        else:
            faults.append(fault)
    return tuple(names), faults
