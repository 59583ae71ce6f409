"""Euler sampling with classifier-free guidance and coarse-to-fine switching (method §2)."""

from __future__ import annotations

from typing import Callable

import torch

Velocity = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def guided(network: Velocity, guidance: float, null_label: int) -> Velocity:
    """v = v_u + w·(v_c − v_u) on all channels, both passes in one batch; w = 1 is the conditional velocity alone."""
    if guidance == 1.0:
        return network

    def velocity(x: torch.Tensor, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        both = network(torch.cat([x, x]), torch.cat([t, t]), torch.cat([y, torch.full_like(y, null_label)]))
        conditional, unconditional = both.chunk(2)
        return unconditional + guidance * (conditional - unconditional)

    return velocity


@torch.no_grad()
def sample(
    light: Velocity,
    heavy: Velocity,
    tau: float,
    x0: torch.Tensor,
    y: torch.Tensor,
    points: int = 60,
    guidance: float = 1.0,
    null_label: int = 8,
    first: int = 0,
    last: int | None = None,
) -> torch.Tensor:
    """Euler on t_i = i/(points−1): light while t_i < τ, heavy from τ on. x0 [B,C,H,W], y [B]; the state at grid index
    `last` (the end by default) when x0 is the state at grid index `first`: prefixes of trajectories can be shared."""
    fields = guided(light, guidance, null_label), guided(heavy, guidance, null_label)
    x = x0
    for i in range(first, points - 1 if last is None else last):
        t = i / (points - 1)
        velocity = fields[t >= tau](x, torch.full((len(x),), t, device=x.device), y)
        x = x + ((i + 1) / (points - 1) - t) * velocity
    return x
