"""The reader's network in torch: as it is trained, and with its norms folded as it is shipped."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from gate.anpr.plates.alphabet import BLANK, SIGNS, STATES

STEPS = 96
"""Of the sequence: two rows of ROW_STEPS, the upper one first."""
ROW_STEPS = 48
_ROWS = 2
_FAINT = 25.0
"""Variance added to a strip's own (grey levels squared): an even strip stays even, its noise is no text."""


class Convolution(nn.Module):
    """Convolution, batch norm and ReLU; of a folded net convolution and ReLU alone."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: tuple[int, int],
        stride: tuple[int, int] = (1, 1),
        dilation: int = 1,
        *,
        pad: tuple[int, int] | None = None,
        folded: bool = False,
    ) -> None:
        super().__init__()
        if pad is None:
            pad = (kernel[0] // 2, kernel[1] // 2 * dilation)
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, stride, pad, (1, dilation), bias=folded)
        self.norm = None if folded else nn.BatchNorm2d(channels_out)

    def forward(self, maps: Tensor) -> Tensor:
        """N x channels_out x height x width."""
        maps = self.conv(maps)
        return torch.relu(maps if self.norm is None else self.norm(maps))


class Along(nn.Module):
    """A residual look along the line: what stands left and right of a column."""

    def __init__(self, channels: int, dilation: int, *, folded: bool) -> None:
        super().__init__()
        self.look = Convolution(channels, channels, (1, 5), dilation=dilation, folded=folded)

    def forward(self, columns: Tensor) -> Tensor:
        """As `columns`."""
        looked: Tensor = self.look(columns)
        return columns + looked


class ReaderNet(nn.Module):
    """N x 64 x 192 uint8 strips -> (N x STEPS x signs, N x states) float32 log-probabilities, and N log-odds.

    The log-odds are those of a plate being there at all, rather than lettering.

    Every column sees the strip's whole height before rows are told apart, so that a one-line plate, whose
    signs fill that height, is known from a two-line one.
    """

    def __init__(self, *, folded: bool = False) -> None:
        super().__init__()
        wide = 192
        self.look = nn.Sequential(
            Convolution(1, 16, (3, 3), (2, 2), folded=folded),
            Convolution(16, 48, (3, 3), (2, 2), folded=folded),
            Convolution(48, 64, (3, 3), (2, 1), folded=folded),
            Convolution(64, 96, (3, 3), (2, 1), folded=folded),
            Convolution(96, 128, (3, 3), folded=folded),
            Convolution(128, 128, (3, 3), folded=folded),
            Convolution(128, wide, (4, 1), pad=(0, 0), folded=folded),
        )
        self.along = nn.Sequential(*(Along(wide, dilation, folded=folded) for dilation in (1, 2, 4)))
        self.signs = nn.Conv2d(wide, _ROWS * len(SIGNS), 1)
        self.states = nn.Conv2d(2 * wide, len(STATES), 1)
        self.plate = nn.Conv2d(2 * wide, 1, 1)

    def forward(self, plates: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log-probabilities of the signs at every step and of the states; log-odds of a plate."""
        pixels = plates.float().unsqueeze(1)
        pixels = pixels - pixels.mean((2, 3), keepdim=True)
        spread = (pixels * pixels).mean((2, 3), keepdim=True)
        columns = self.along(self.look(pixels / torch.sqrt(spread + _FAINT)))
        rows = self.signs(columns).reshape(-1, _ROWS, len(SIGNS), ROW_STEPS)
        signs = rows.transpose(2, 3).reshape(-1, STEPS, len(SIGNS))
        whole = torch.cat([columns.amax((2, 3), keepdim=True), columns.mean((2, 3), keepdim=True)], 1)
        states = self.states(whole).flatten(1)
        plate = self.plate(whole).flatten()
        return torch.log_softmax(signs.float(), 2), torch.log_softmax(states.float(), 1), plate.float()


def fold(net: ReaderNet) -> ReaderNet:
    """The same function with every batch norm worked into its convolution: as it is shipped and timed."""
    net, folded = copy.deepcopy(net).eval(), ReaderNet(folded=True).eval()
    parts = {name: part for name, part in net.named_modules() if isinstance(part, Convolution)}
    for name, part in parts.items():
        norm, twin = part.norm, folded.get_submodule(name)
        if norm is None or not isinstance(twin, Convolution):
            raise TypeError(f"{name} is folded already")
        twin.conv.load_state_dict(fuse_conv_bn_eval(part.conv, norm).state_dict())
    folded.signs.load_state_dict(net.signs.state_dict())
    folded.states.load_state_dict(net.states.state_dict())
    folded.plate.load_state_dict(net.plate.state_dict())
    return folded


def unfold(folded: ReaderNet, plates: Tensor) -> ReaderNet:
    """A net to train on from a shipped one: norms that, on plates like `plates`, change nothing yet."""
    net = ReaderNet()
    parts = {name: part for name, part in net.named_modules() if isinstance(part, Convolution)}
    with torch.no_grad():
        for name, part in parts.items():
            shipped = folded.get_submodule(name)
            if not isinstance(shipped, Convolution) or part.norm is None or shipped.conv.bias is None:
                raise TypeError(f"{name} is not a folded convolution")
            part.conv.weight.copy_(shipped.conv.weight)
            measured: list[Tensor] = []
            hook = shipped.conv.register_forward_hook(lambda _part, _given, out, to=measured: to.append(out))
            folded.eval()(plates)
            hook.remove()
            out = measured[0]
            mean, variance = out.mean((0, 2, 3)), out.var((0, 2, 3)).clamp(min=1e-6)
            part.norm.running_mean = mean - shipped.conv.bias
            part.norm.running_var = variance
            part.norm.weight.copy_(torch.sqrt(variance + part.norm.eps))
            part.norm.bias.copy_(mean)
    net.signs.load_state_dict(folded.signs.state_dict())
    net.states.load_state_dict(folded.states.state_dict())
    net.plate.load_state_dict(folded.plate.state_dict())
    return net


def greedy(signs: Tensor) -> list[tuple[int, ...]]:
    """The likeliest class at every step of N x STEPS x signs, repeats and blanks dropped."""
    reads = []
    for steps in signs.argmax(2).tolist():
        before = [BLANK, *steps]
        reads.append(tuple(now for now, last in zip(steps, before, strict=False) if now not in (BLANK, last)))
    return reads
