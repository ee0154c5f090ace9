"""One scan each time a code is held before the camera, however long it stays. Pure; time goes in."""

from __future__ import annotations

from collections.abc import Iterable

GONE_SECONDS = 2.0
"""Out of sight for so long it has been taken away. Hands shake and pictures blur: less is no end."""
_REMEMBERED = 16


class Presented:
    """What is held before one camera now."""

    def __init__(self, gone_seconds: float = GONE_SECONDS) -> None:
        self._gone = gone_seconds
        self._seen: dict[bytes, float] = {}

    def see(self, codes: Iterable[bytes], now: float) -> list[bytes]:
        """The codes of one picture; those that were not there before."""
        self._seen = {code: last for code, last in self._seen.items() if now - last < self._gone}
        new = []
        for code in codes:
            if code not in self._seen:
                new.append(code)
            self._seen[code] = now
        while len(self._seen) > _REMEMBERED:
            del self._seen[min(self._seen, key=self._seen.__getitem__)]
        return new
