"""What a configuration file is told is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gate.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one line. `line` counts from 1; 0 when the file itself cannot be read."""

    file: Path
    line: int
    key: str
    """Dotted, list items by number: points[2].io.port; empty for the file as a whole."""
    what: str
    allowed: str
    """What may stand there instead; empty where `what` has said it."""
    quotes: bool = False
    """Whether `what` repeats what stands there, which may be a secret: for those who may read the file."""

    def __str__(self) -> str:
        """`file:line: key: what is wrong, what is allowed`."""
        place = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        said = f"{self.what}; allowed: {self.allowed}" if self.allowed else self.what
        return ": ".join(part for part in (place, self.key, said) if part)


class SiteConfigError(ConfigError):
    """The site configuration cannot be used; correct the lines named and start again."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(str(problem) for problem in self.problems))
