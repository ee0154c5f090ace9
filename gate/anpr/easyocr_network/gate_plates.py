"""Gate's reader net as an EasyOCR recognition network; EasyOCR imports this file by its own name."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from gate.anpr.plates.alphabet import SIGNS
from gate.anpr.plates.strip import HEIGHT, WIDTH
from gate.anpr.training.reader_net import ReaderNet


class Model(nn.Module):
    """The shipped net behind EasyOCR's preparation of pictures."""

    def __init__(self, num_class: int) -> None:
        super().__init__()
        if num_class != len(SIGNS):
            raise ValueError(
                f"gate_plates.yaml lists {num_class - 1} characters; the net has {len(SIGNS) - 1}"
            )
        self.net = ReaderNet(folded=True)

    def forward(self, plates: Tensor, _text: Tensor | None = None) -> Tensor:
        """N x 1 x 64 x width, -1..1, to N x steps x num_class log-probabilities."""
        levels = (plates + 1.0) * 127.5
        if levels.shape[2:] != (HEIGHT, WIDTH):
            # A box of EasyOCR's own keeps its shape; the net was taught every plate in the same one.
            levels = functional.interpolate(levels, (HEIGHT, WIDTH), mode="bilinear", antialias=True)
        signs: Tensor = self.net(levels.squeeze(1))[0]
        return signs
