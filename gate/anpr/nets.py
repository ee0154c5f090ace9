"""Nets on onnxruntime, as a box that has lanes to run can bear them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime

from gate.errors import DeviceError


def open_net(path: Path, threads: int) -> Any:
    """An onnxruntime session on the processor, quiet and held to `threads`.

    DeviceError when there is no such file, or none that onnxruntime can load.
    """
    if not path.is_file():
        raise DeviceError(f"plate reading: {path} is missing; install gate again")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning waiters would eat the cores the lanes need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Pictures of many sizes make the arena keep a block for each: memory must stay bounded.
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # onnxruntime's own errors share no narrower class.
        raise DeviceError(f"plate reading: {path} cannot be loaded: {error}; install gate again") from error
