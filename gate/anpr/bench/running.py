"""Engines over folders, each engine in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from pydantic import TypeAdapter

from gate.anpr.bench.answer import Answer, Loaded
from gate.anpr.bench.cases import Case, cases_of
from gate.anpr.bench.labels import Labels, Photograph
from gate.anpr.bench.scoring import Score, score
from gate.anpr.recogniser import Engine
from gate.errors import GateError

_LOADED = TypeAdapter(Loaded)
_ANSWER = TypeAdapter(Answer)
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class EngineMissingError(GateError):
    """The engine cannot be loaded here; the message says what to install."""


class EngineFailedError(GateError):
    """The engine ended while it read; its last words stand above, the photograph is named."""


@dataclass(frozen=True, slots=True)
class FolderRun:
    """One folder as one engine read it: the answers stand in the photographs' order."""

    labels: Labels
    answers: tuple[Answer, ...]

    @property
    def cases(self) -> list[Case]:
        """What is judged, photographs that could not be used left out."""
        pairs = zip(self.labels.photographs, self.answers, strict=True)
        return [
            case
            for photograph, answer in pairs
            if answer.error is None
            for case in cases_of(photograph, answer.reads)
        ]

    @property
    def read(self) -> list[Answer]:
        """The answers about photographs that could be used."""
        return [answer for answer in self.answers if answer.error is None]

    @property
    def unusable(self) -> int:
        """Photographs that could not be used, or whose labels could not."""
        return len(self.answers) - len(self.read) + self.labels.left_out


@dataclass(frozen=True, slots=True)
class Run:
    """One engine over all folders."""

    engine: Engine
    threads: int
    loaded: Loaded
    folders: tuple[FolderRun, ...]

    def scores(self, accept: float) -> list[Score]:
        """A score a folder, and one over all plates together where there are several folders."""
        runs = [(run.labels.folder.resolve().name, [run]) for run in self.folders]
        whole: list[tuple[str | None, list[FolderRun]]] = [*runs]
        if len(self.folders) > 1:
            whole.append((None, list(self.folders)))
        return [self._score(folder, accept, parts) for folder, parts in whole]

    def _score(self, folder: str | None, accept: float, parts: Sequence[FolderRun]) -> Score:
        return score(
            self.engine,
            folder,
            self.threads,
            accept,
            [case for part in parts for case in part.cases],
            [answer for part in parts for answer in part.read],
            sum(part.unusable for part in parts),
            self.loaded,
        )


OnAnswer = Callable[[Engine, Labels, Photograph, Answer], None]


def run_engine(engine: Engine, threads: int, folders: Sequence[Labels], on_answer: OnAnswer) -> Run:
    """Read every photograph with the engine, telling each answer as it comes.

    Raises EngineMissingError when the engine cannot be loaded, EngineFailedError when it ends too soon.
    """
    with _process(engine, threads) as (orders, answers):
        line = answers.readline()
        if not line:
            raise EngineFailedError(f"plate reading: engine {engine} ended while it was loaded")
        loaded = _LOADED.validate_json(line)
        if loaded.error is not None:
            raise EngineMissingError(loaded.error)
        runs: list[FolderRun] = []
        for labels in folders:
            told: list[Answer] = []
            for photograph in labels.photographs:
                answer = _ask(engine, photograph, orders, answers)
                told.append(answer)
                on_answer(engine, labels, photograph, answer)
            runs.append(FolderRun(labels, tuple(told)))
        return Run(engine, threads, loaded, tuple(runs))


def _ask(engine: Engine, photograph: Photograph, orders: IO[bytes], answers: IO[bytes]) -> Answer:
    try:
        # Past the buffer: what lies in it when the engine dies would fail once more when it is closed.
        os.write(orders.fileno(), json.dumps(str(photograph.path)).encode() + b"\n")
        line = answers.readline()
    except BrokenPipeError:
        line = b""
    if not line:
        raise EngineFailedError(
            f"plate reading: engine {engine} ended at {photograph.path}; "
            "the other engines' figures stand, this one has none"
        )
    return _ANSWER.validate_json(line)


@contextmanager
def _process(engine: Engine, threads: int) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    words = [sys.executable, "-m", "gate.anpr.bench.reading_process", engine, str(threads)]
    # Linear algebra libraries take every core they see, unless told before they are loaded.
    environment = os.environ | dict.fromkeys(_THREADS, str(threads))
    with subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as child:
        try:
            yield _open(child.stdin), _open(child.stdout)
        finally:
            child.kill()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - we asked for it
    return pipe
