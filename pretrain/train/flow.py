"""Training of flow models by the plain flow-matching loss (method §1): stage `flow`."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn as nn

from pretrain.data.latents import Latents
from pretrain.flow.losses import flow_matching
from pretrain.models.build import label_dropout_of, null_label_of
from pretrain.train.sheet import velocity_sheet
from pretrain.train.task import Draw, Task


def drop_labels(y: torch.Tensor, draw: Draw, probability: float, null_label: int) -> torch.Tensor:
    """Some labels replaced by the null label, so that the network also learns the unconditional velocity."""
    if probability == 0:
        return y
    return torch.where(draw.uniform() < probability, torch.full_like(y, null_label), y)


class FlowTask(Task):
    """E over x1, x0 ~ N(0, I), t ~ U(0, 1) of ‖v(xt, t, y) − (x1 − x0)‖²."""

    def __init__(self, network: nn.Module, latents: Latents, decode, device: torch.device) -> None:
        self.network = network.to(device)
        self.x1, self.labels = latents.x1.to(device), latents.labels.to(device)
        self.decode = decode

    def batch(self, draw: Draw) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """x0, x1, t and y (with dropped labels) of a step; t ~ U(0, 1)."""
        chosen = draw.integers(len(self.x1))
        y = drop_labels(self.labels[chosen], draw, label_dropout_of(self.network), null_label_of(self.network))
        return draw.normal(*self.x1.shape[1:]), self.x1[chosen], draw.uniform(), y

    def loss(self, network: nn.Module, draw: Draw, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        x0, x1, t, y = self.batch(draw)
        return flow_matching(network, x0, x1, t, y).mean(), {}

    def sheet(self, network: nn.Module, path: Path) -> None:
        if self.decode is not None:
            velocity_sheet(network, self.decode, self.x1.shape[1:], null_label_of(network), path)
