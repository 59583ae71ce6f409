"""Euler sampling with classifier-free guidance and coarse-to-fine switching (method §2)."""

from __future__ import annotations

from typing import Callable, Sequence

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


def uniform_grid(points: int) -> list[float]:
    """t_i = i/(points − 1) in float64: `points` times, points − 1 steps."""
    return [i / (points - 1) for i in range(points)]


@torch.no_grad()
def sample(
    light: Velocity,
    heavy: Velocity,
    tau: float,
    x0: torch.Tensor,
    y: torch.Tensor,
    times: Sequence[float],
    guidance: float = 1.0,
    null_label: int = 8,
) -> torch.Tensor:
    """Euler on `times`: light while t_i < τ, heavy from τ on. x0 [B,C,H,W] is the state at times[0], the result the one
    at times[-1]: parts of a grid give parts of a trajectory, so that trajectories can share their beginning."""
    fields = guided(light, guidance, null_label), guided(heavy, guidance, null_label)
    x = x0
    for t, end in zip(times, times[1:]):
        velocity = fields[t >= tau](x, torch.full((len(x),), t, device=x.device), y)
        x = x + (end - t) * velocity
    return x
