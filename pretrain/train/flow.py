"""Training of flow models by the plain flow-matching loss (method §1): stage `flow`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn as nn

from pretrain.data.latents import Latents
from pretrain.errors import ConfigDoesNotFit
from pretrain.flow.losses import flow_matching
from pretrain.models.build import label_dropout_of, null_label_of
from pretrain.train.sheet import velocity_sheet
from pretrain.train.task import Draw, Task


def drop_labels(y: torch.Tensor, draw: Draw, probability: float, null_label: int) -> torch.Tensor:
    """Some labels replaced by the null label, so that the network also learns the unconditional velocity."""
    if probability == 0:
        return y
    return torch.where(draw.uniform() < probability, torch.full_like(y, null_label), y)


@dataclass(frozen=True)
class Times:
    """How training times lie in (0, 1): uniformly, but for the share `below` of them that lies below `tau`.

    A light model that hands over at tau draws nothing behind it, so more of its times lie before. The minimiser of the loss
    is the same at every t; what a small network spends on each is not. Throws ConfigDoesNotFit.
    """

    tau: float = 0.5
    below: float = 0.5

    def __post_init__(self) -> None:
        if not (0 < self.tau < 1 and 0 < self.below <= 1):
            raise ConfigDoesNotFit(f"times: tau ({self.tau}) lies in (0, 1) and the share below it ({self.below}) in (0, 1]")

    def of(self, u: torch.Tensor) -> torch.Tensor:
        """Times of uniforms u in [0, 1), in their order."""
        early = u * (self.tau / self.below)
        if self.below == 1:
            return early
        late = self.tau + (u - self.below) * ((1 - self.tau) / (1 - self.below))
        return torch.where(u < self.below, early, late)


class FlowTask(Task):
    """E over x1, x0 ~ N(0, I) and t of ‖v(xt, t, y) − (x1 − x0)‖²; t ~ U(0, 1) where `times` says nothing else."""

    def __init__(
        self, network: nn.Module, latents: Latents, decode, device: torch.device, times: Times | None = None
    ) -> None:
        self.times = times
        self.network = network.to(device)
        self.x1, self.labels = latents.x1.to(device), latents.labels.to(device)
        self.decode = decode

    def batch(self, draw: Draw) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """x0, x1, t and y (with dropped labels) of a step."""
        chosen = draw.integers(len(self.x1))
        y = drop_labels(self.labels[chosen], draw, label_dropout_of(self.network), null_label_of(self.network))
        x0, t = draw.normal(*self.x1.shape[1:]), draw.uniform()
        return x0, self.x1[chosen], t if self.times is None else self.times.of(t), y

    def loss(self, network: nn.Module, draw: Draw, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        x0, x1, t, y = self.batch(draw)
        return flow_matching(network, x0, x1, t, y).mean(), {}

    def sheet(self, network: nn.Module, path: Path) -> None:
        if self.decode is not None:
            velocity_sheet(network, self.decode, self.x1.shape[1:], null_label_of(network), path)
