"""Euler inversion of data with a velocity field: from t = 1 down to tau (method §5)."""

from __future__ import annotations

import torch

INVERSION_STEPS = 18


@torch.no_grad()
def invert(network, x1: torch.Tensor, y: torch.Tensor, tau: float, steps: int = INVERSION_STEPS) -> list[torch.Tensor]:
    """States [x1, …, x_tau], `steps` + 1 of them: x ← x − (1−τ)/steps · v(x, t, y), t = 1, …; x1 [B,C,H,W], y [B]."""
    times = torch.linspace(1.0, tau, steps + 1, dtype=torch.float64)
    states = [x1]
    for i in range(steps):
        t = torch.full((len(x1),), float(times[i]), device=x1.device)
        states.append(states[-1] + float(times[i + 1] - times[i]) * network(states[-1], t, y))
    return states
