"""Dominance D_i: how much the optimal velocity of the finite data set would change without sample i
(method §6, §7).

At a probe xt, t the optimal velocity is (Σ λ_i x_i − xt)/(1 − t); without sample i it changes by
    λ_i/(1 − λ_i)·(x_i − x̄)/(1 − t),   x̄ = Σ λ_j x_j,
and D_i is the mean of its squared norm over the probes: the points xt of up to 512 samples j ≠ i, at the T
scoring times with the M fixed noises. Keep largest.
"""

from __future__ import annotations

from typing import Callable

import numpy as np
import torch

from pretrain.flow.noise import STREAM_SHUFFLE, permutation
from pretrain.models.fast_products import fast_products

PROBES = 512


@torch.no_grad()
def dominance(
    x1: torch.Tensor,
    noises: torch.Tensor,
    times: np.ndarray,
    seed: int = 0,
    probes: int = PROBES,
    batch: int = 256,
    say: Callable[[str], None] | None = None,
) -> np.ndarray:
    """D [N] float64 of x1 [N,...] with noises [M,...], on the device and in the precision of x1. Above
    `probes` samples the probes are the first ones of a permutation by stream 3 of the seed."""
    data = x1.flatten(1)  # [N,D]
    x0 = noises.to(data).flatten(1)  # [M,D]
    samples = len(data)
    chosen = torch.from_numpy(permutation(seed, STREAM_SHUFFLE, samples)[:probes]).to(data.device)
    total = torch.zeros(samples, dtype=torch.float64, device=data.device)
    squares = data.pow(2).sum(1)  # [N]
    with fast_products():
        for k, t in enumerate(times.tolist()):
            own = chosen.repeat_interleave(len(x0))  # [probes·M]
            points = t * data[own] + (1 - t) * x0.repeat(len(chosen), 1)
            for start in range(0, len(points), batch):
                xt, j = points[start : start + batch], own[start : start + batch]
                total += _changes(data, squares, xt, j, t).double().sum(0)
            if say:
                say(f"dominance at time {k + 1}/{len(times)}")
    count = len(times) * len(x0) * (len(chosen) - torch.zeros_like(total).index_fill_(0, chosen, 1.0))
    return (total / count.clamp(min=1)).cpu().numpy()


def _changes(
    data: torch.Tensor, squares: torch.Tensor, xt: torch.Tensor, own: torch.Tensor, t: float
) -> torch.Tensor:
    """‖change of the velocity at xt [B,D] without sample i‖² [B,N]; 0 where i is the sample `own` that xt
    comes from."""
    rows = torch.arange(len(xt), device=xt.device)
    # −‖xt − t x_i‖² / (2 (1 − t)²) without the part that all i share
    logits = (t * (xt @ data.T) - 0.5 * t * t * squares) / (1 - t) ** 2  # [B,N]
    top = logits.argmax(1)
    weights = (logits - logits[rows, top, None]).exp()  # the largest is 1
    others = weights.index_put((rows, top), weights.new_zeros(()))
    rest = others.sum(1)  # Σ without the largest: 1 − λ of the largest has no cancellation
    whole = 1 + rest
    lambdas = weights / whole[:, None]
    remaining = (whole[:, None] - weights) / whole[:, None]
    remaining[rows, top] = rest / whole
    mean = lambdas @ data  # [B,D]
    to_mean = (squares - 2 * (mean @ data.T) + mean.pow(2).sum(1, keepdim=True)).clamp(min=0)  # ‖x_i − x̄‖²
    changes = (lambdas / remaining.clamp(min=1e-30)).pow(2) * to_mean / (1 - t) ** 2
    # Where one sample holds most of the weight, x_i − x̄ is a small difference: use λ_i (x_i − x̄ without i)
    # instead.
    heavy = (lambdas[rows, top] > 0.5) & (top != own)
    if heavy.any():
        r, i = rows[heavy], top[heavy]
        masked = logits[r].scatter(1, i[:, None], -torch.inf)
        without = torch.softmax(masked, dim=1)  # [heavy,N]
        gap = (data[i] - without @ data).pow(2).sum(1)
        changes[r, i] = lambdas[r, i].pow(2) * gap / (1 - t) ** 2
    changes[rows, own] = 0
    return changes
