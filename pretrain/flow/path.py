"""The linear path of flow matching: t = 0 is noise x0, t = 1 is data x1 (method §1)."""

from __future__ import annotations

import torch


def _per_sample(t: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return t.view(-1, *[1] * (like.dim() - 1))


def interpolate(x0: torch.Tensor, x1: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """xt = t·x1 + (1 − t)·x0; t [B]."""
    s = _per_sample(t, x1)
    return s * x1 + (1 - s) * x0


def target_velocity(x0: torch.Tensor, x1: torch.Tensor) -> torch.Tensor:
    """u = x1 − x0."""
    return x1 - x0


def data_estimate(xt: torch.Tensor, velocity: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """x̂1 = xt + (1 − t)·v."""
    return xt + (1 - _per_sample(t, xt)) * velocity


def score(xt: torch.Tensor, velocity: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """∇ log p_t(xt) = (t·v − xt)/(1 − t); t < 1."""
    s = _per_sample(t, xt)
    return (s * velocity - xt) / (1 - s)
