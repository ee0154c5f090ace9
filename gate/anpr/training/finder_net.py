"""The finder's two nets: one looks over a whole picture for plates, one looks hard at each place found."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn
from torch.nn import functional

STRIDE: Final = 8
"""Pixels of the picture in one cell of the finder's map, across as down."""
DEEPEST: Final = 32
"""The finder's deepest stride: its pictures' sides are multiples of it."""
REACH: Final = 32.0
"""Pixels in one unit of a corner's offset from its cell's middle."""
CROP: Final = (64, 128)
"""Height and width of the place that the second net looks at."""
_GRAY, _SPREAD = 112.0, 64.0


def _conv(inside: int, outside: int, size: int = 3, step: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, size, step, size // 2, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _conv(channels, channels)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.norm(self.second(self.first(x))))


class FinderNet(nn.Module):
    """Gray picture (N, 1, H, W) of 0..255 -> heat (N, 1, H/8, W/8) and offsets (N, 8, H/8, W/8).

    Heat is a logit: is a plate's middle in this cell. Offsets are x and y of the four corners from the cell's
    middle, in REACH pixels. H and W are multiples of DEEPEST. Plates 13 to about 160 pixels wide are its job:
    larger ones are found in a smaller copy of the picture.
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (8, 16, 32, 64, 64)) -> None:
        super().__init__()
        first, second, third, fourth, fifth = widths
        self.stem = nn.Sequential(_conv(1, first, 5, 2), _conv(first, second, 3, 2))
        self.near = nn.Sequential(_conv(second, third, 3, 2), _Residual(third))
        self.middle = nn.Sequential(_conv(third, fourth, 3, 2), _Residual(fourth), _Residual(fourth))
        self.far = nn.Sequential(_conv(fourth, fifth, 3, 2), _Residual(fifth), _Residual(fifth))
        self.far_to_middle = nn.Conv2d(fifth, fourth, 1)
        self.middle_to_near = nn.Conv2d(fourth, third, 1)
        self.blend = _conv(fourth, fourth)
        self.last = _conv(third, third)
        self.heat = nn.Conv2d(third, 1, 1)
        self.corners = nn.Conv2d(third, 8, 1)
        if self.heat.bias is not None:
            # Plates are rare: a net that starts out expecting few learns from its first step.
            nn.init.constant_(self.heat.bias, -5.0)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Heat and offsets."""
        x = (picture.float() - _GRAY) / _SPREAD
        near = self.near(self.stem(x))
        middle = self.middle(near)
        far = self.far_to_middle(self.far(middle))
        middle = self.blend(middle + functional.interpolate(far, scale_factor=2.0, mode="nearest"))
        up = functional.interpolate(self.middle_to_near(middle), scale_factor=2.0, mode="nearest")
        x = self.last(near + up)
        return self.heat(x), self.corners(x)


class CornersNet(nn.Module):
    """Gray places (N, 1, *CROP) of 0..255, cut around finds -> (N, 9).

    First a logit: is a plate here. Then x and y of its four corners, in shares of the width and height.
    """

    def __init__(self, widths: tuple[int, int, int, int] = (12, 24, 40, 48)) -> None:
        super().__init__()
        first, second, third, fourth = widths
        self.body = nn.Sequential(
            _conv(1, first, 5, 2),
            _conv(first, second, 3, 2),
            _Residual(second),
            _conv(second, third, 3, 2),
            _Residual(third),
            _conv(third, fourth, 3, 2),
        )
        cells = (CROP[0] // 16) * (CROP[1] // 16)
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(fourth * cells, 96), nn.ReLU(inplace=True), nn.Linear(96, 9)
        )

    def forward(self, places: Tensor) -> Tensor:
        """The nine answers."""
        x = (places.float() - _GRAY) / _SPREAD
        out: Tensor = self.head(self.body(x))
        return out


def count(net: nn.Module) -> int:
    """Its parameters."""
    return sum(parameter.numel() for parameter in net.parameters())
