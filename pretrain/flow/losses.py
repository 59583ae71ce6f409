"""Losses of flow models. Every one is a mean over all elements of a squared difference of velocities."""

from __future__ import annotations

import torch

from pretrain.flow.path import interpolate, target_velocity

SEAM_WEIGHT = 0.1
T_EPS = 1e-4


def per_sample(velocity: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """mean over (C,H,W) of (v − u)² [B]."""
    return (velocity - target).pow(2).flatten(1).mean(1)


def flow_matching(network, x0: torch.Tensor, x1: torch.Tensor, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Per-sample FM loss [B] at xt = t·x1 + (1−t)·x0 (method §1)."""
    return per_sample(network(interpolate(x0, x1, t), t, y), target_velocity(x0, x1))
