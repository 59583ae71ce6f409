"""What a training loop needs to know of what it trains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn as nn

from pretrain.distributed import World


@dataclass(frozen=True)
class Draw:
    """The chance of one step. Every process draws the numbers of the whole batch from the same generator and keeps its
    share, so that a run does not depend on how many processes share it, nor on where it was resumed."""

    generator: torch.Generator
    batch: int
    share: slice
    device: torch.device

    def integers(self, high: int) -> torch.Tensor:
        """This process's share of `batch` integers in 0..high-1."""
        return torch.randint(high, (self.batch,), generator=self.generator, device=self.device)[self.share]

    def uniform(self, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
        """This process's share of `batch` numbers in [low, high)."""
        numbers = torch.rand(self.batch, generator=self.generator, device=self.device)[self.share]
        return low + (high - low) * numbers

    def normal(self, *shape: int) -> torch.Tensor:
        """This process's share of `batch` normal tensors of `shape`."""
        return torch.randn(self.batch, *shape, generator=self.generator, device=self.device)[self.share]


def draw_of_step(seed: int, step: int, batch: int, world: World) -> Draw:
    """A generator that depends on (seed, step) alone."""
    generator = torch.Generator(device=world.device)
    generator.manual_seed((seed * 1_000_003 + step) % 2**63)
    return Draw(generator, batch, world.share_of(batch), world.device)


class Task(ABC):
    """A network and its loss."""

    #: The f32 weights that are trained. On the CPU a step may run on a bf16 copy of them.
    network: nn.Module

    @abstractmethod
    def loss(self, network: nn.Module, draw: Draw, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        """Mean loss over this process's share of the batch, and parts of it to be logged. `network` is the copy to run."""

    def state(self) -> dict:
        """What the task must keep besides weights so that a resumed run equals an unbroken one."""
        return {}

    def load_state(self, state: dict) -> None:
        """Takes back what `state` gave."""

    def sheet(self, network: nn.Module, path: Path) -> None:
        """Writes a sheet of samples of `network` (EMA weights, f32, evaluation mode), if this kind of network has any."""
