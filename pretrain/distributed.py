"""Data parallel training over processes that torchrun, or pretrain.launch, started: gloo on CPUs, NCCL on GPUs.

Gradients are averaged by hand, as one flat f32 vector a step, rather than by torch's DDP wrapper: the step runs on a
bf16 copy of f32 weights, and gloo of torch 1.13 cannot reduce bf16.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
import torch.distributed as dist

from pretrain.errors import ConfigDoesNotFit


@dataclass(frozen=True)
class World:
    """This process among all of them."""

    rank: int
    size: int
    device: torch.device

    @property
    def is_main(self) -> bool:
        return self.rank == 0

    def share_of(self, batch: int) -> slice:
        """The part of a global batch that is this process's. Throws ConfigDoesNotFit when it cannot be shared evenly."""
        if batch % self.size:
            raise ConfigDoesNotFit(f"a batch of {batch} cannot be shared evenly by {self.size} processes")
        share = batch // self.size
        return slice(self.rank * share, (self.rank + 1) * share)

    def average(self, tensors: list[torch.Tensor]) -> None:
        """Replaces each tensor by its mean over all processes."""
        if self.size == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        dist.all_reduce(flat)
        flat /= self.size
        at = 0
        for tensor in tensors:
            tensor.copy_(flat[at : at + tensor.numel()].view_as(tensor))
            at += tensor.numel()

    def agree(self, wish: bool) -> bool:
        """True when any process wishes it: all of them leave a loop at the same step."""
        if self.size == 1:
            return wish
        flag = torch.tensor([float(wish)], device=self.device)
        dist.all_reduce(flag)
        return bool(flag.item() > 0)

    def barrier(self) -> None:
        if self.size > 1:
            dist.barrier()


def join_world() -> World:
    """Reads RANK, WORLD_SIZE and LOCAL_RANK; a lone process needs none of them."""
    rank, size = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    on_gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(device)
    if size > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if on_gpu else "gloo", rank=rank, world_size=size)
    return World(rank, size, device)


def leave_world() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()
