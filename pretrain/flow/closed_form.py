"""Closed forms of the flow, no network (method §7): the optimal velocity of a finite data set, and Gaussian
data."""

from __future__ import annotations

import torch


def optimal_weights(data: torch.Tensor, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """λ [B,N] = softmax_i(−‖x − t x_i‖² / (2 (1 − t)²)): how much sample i has to say at (x, t). data [N,D],
    x [B,D], t [B] in [0,1). Differences are taken before they are squared (B·N·D numbers): the expanded form
    loses all digits as t nears 1."""
    time = t[:, None]
    squared = (x[:, None] - time[..., None] * data[None]).pow(2).sum(2)  # [B,N]
    return torch.softmax(-squared / (2 * (1 - time) ** 2), dim=1)


def optimal_velocity(data: torch.Tensor, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """u* [B,D] = Σ λ_i (x_i − x)/(1 − t): the velocity of least flow-matching loss on a finite data set."""
    return (optimal_weights(data, x, t) @ data - x) / (1 - t[:, None])


def effective_samples(weights: torch.Tensor) -> torch.Tensor:
    """n_eff [B] = 1/Σ λ², between 1 and N, of weights [B,N]."""
    return 1 / weights.pow(2).sum(1)


def gaussian_flow(
    mean: torch.Tensor, eigenvectors: torch.Tensor, eigenvalues: torch.Tensor, x0: torch.Tensor, t: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Where the flow takes noise x0 [B,D] by time t when the data is N(mean, U Λ Uᵀ), and how fast, each
    [B,D]: xt = t·mean + U s Uᵀ x0, s = √(t²Λ + (1 − t)²); dx/dt = mean + U s' Uᵀ x0, s' = (tΛ − (1 − t))/s.
    mean [D], eigenvectors U [D,D] (columns), eigenvalues Λ [D] ≥ 0; t in [0,1], below 1 where an eigenvalue
    is 0."""
    s = (t * t * eigenvalues + (1 - t) ** 2).sqrt()
    in_basis = x0 @ eigenvectors
    xt = t * mean + (in_basis * s) @ eigenvectors.T
    velocity = mean + (in_basis * ((t * eigenvalues - (1 - t)) / s)) @ eigenvectors.T
    return xt, velocity
