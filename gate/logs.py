"""Where log lines go: JSON, one object a line, to a file; the same for people on stderr.

Everything passes through the standard library's logging, so that uvicorn, paho and pymodbus end up
in the same file (uvicorn only when it is given `log_config=None`). What may be logged is the caller's
duty (Rules 3.6: nothing that depends on a corridor before arrival); tracebacks carry no local
variables, which could hold an opened verdict.
"""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

import structlog

_FILE_BYTES = 32 * 1024 * 1024
_FILES_KEPT = 5
"""An edge box must never fill its disk with words: 192 MiB at most."""

_OURS = "gate"
"""Other handlers (a test run's, a host process's) are left where they are."""

_SAID_ELSEWHERE = {
    "httpx2": logging.WARNING,  # one line a poll, several a second
    "httpcore2": logging.WARNING,
    "uvicorn.access": logging.WARNING,
    "pymodbus": logging.ERROR,  # a silent device is our event, with its lane
}


def configure(file: Path | None = None, level: str = "INFO", console: TextIO | None = None) -> None:
    """Send every log line of this process to `file` (appended, made if absent) and the console.

    `console` is stderr when not given; colours only where that is a terminal. May be called again;
    the last call holds.
    """
    stream = sys.stderr if console is None else console
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # A cached logger would keep the configuration it was first used with.
        cache_logger_on_first_use=False,
    )
    human = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(),
        exception_formatter=structlog.dev.plain_traceback,
        repr_native_str=True,  # a device's escape sequences must not reach a terminal
    )
    handlers: list[logging.Handler] = [logging.StreamHandler(stream)]
    handlers[0].setFormatter(_formatter(shared, [human]))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        written = RotatingFileHandler(
            file, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8", delay=True
        )
        machine = structlog.processors.JSONRenderer()  # ASCII: no reader takes U+2028 for a line's end
        written.setFormatter(_formatter(shared, [structlog.processors.format_exc_info, machine]))
        handlers.append(written)
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if handler.name == _OURS]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        handler.set_name(_OURS)
        root.addHandler(handler)
    root.setLevel(level.upper())
    for name, least in _SAID_ELSEWHERE.items():
        logging.getLogger(name).setLevel(least)


def _formatter(
    shared: list[structlog.typing.Processor], last: list[structlog.typing.Processor]
) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
