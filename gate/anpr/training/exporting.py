"""A trained net as the ONNX file that a gate runs, and its weights out of that file again.

The file is the only place where weights are kept: what torch runs cannot differ from what onnxruntime runs.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

_OPSET = 17
_HALF = "_half"


def export(net: nn.Module, example: Tensor, path: Path, given: str, told: Sequence[str]) -> None:
    """Write `net`, its norms folded, to `path`: any number of pictures in `given`, answers in `told`.

    Weights are stored with 16 bits and run with 32: half the size, and no score moves.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with warnings.catch_warnings():
        # The tracing exporter is on its way out of torch; its successor wants one more package.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.eval(),
            (example,),
            part,
            dynamo=False,
            opset_version=_OPSET,
            input_names=[given],
            output_names=list(told),
            dynamic_axes={name: {0: "pictures"} for name in (given, *told)},
            do_constant_folding=True,
        )
    model = onnx.load_model(part)
    _halve(model)
    onnx.checker.check_model(model)
    part.write_bytes(model.SerializeToString())
    part.replace(path)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The weights in a file that `export` wrote, by their names in the net."""
    model = onnx.load_model(path)
    return {
        weight.name.removesuffix(_HALF): torch.from_numpy(numpy_helper.to_array(weight).astype(np.float32))
        for weight in model.graph.initializer
        if weight.name.endswith(_HALF)
    }


def _halve(model: onnx.ModelProto) -> None:
    """Keep every float weight with 16 bits, and cast it back where it is used: done once, at loading."""
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + _HALF))
        casts.append(onnx.helper.make_node("Cast", [name + _HALF], [name], to=onnx.TensorProto.FLOAT))
    for place, cast in enumerate(casts):
        model.graph.node.insert(place, cast)
