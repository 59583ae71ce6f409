"""Features of samples for criterion C: what a flow model sees in a half-noised latent (method §6).

The output of block ⌊depth/2⌋ (counted from 0) at t = 0.6 on xt with one fixed noise, mean over tokens,
L2-normalised.
"""

from __future__ import annotations

from typing import Callable

import numpy as np
import torch
import torch.nn as nn

from pretrain.models.fast_products import fast_products

FEATURE_TIME = 0.6


@torch.no_grad()
def block_features(
    network: nn.Module,
    x1: torch.Tensor,
    y: torch.Tensor,
    noise: torch.Tensor,
    batch: int = 64,
    say: Callable[[str], None] | None = None,
) -> np.ndarray:
    """Unit rows, float32 [N,D], of scaled latents x1 [N,C,H,W] with labels y [N]; noise [C,H,W] is shared by
    all (the first of `flow.noise.scoring_noises`). The network is a DiT and runs where its weights are."""
    device = next(network.parameters()).device
    rows: list[torch.Tensor] = []
    blocks = network.blocks
    hook = blocks[len(blocks) // 2].register_forward_hook(
        lambda module, inputs, tokens: rows.append(tokens.float().mean(dim=1))
    )
    try:
        with fast_products():
            for start in range(0, len(x1), batch):
                data = x1[start : start + batch].to(device, torch.float32)
                xt = (1 - FEATURE_TIME) * noise.to(device) + FEATURE_TIME * data
                t = torch.full((len(data),), FEATURE_TIME, device=device)
                network(xt, t, y[start : start + batch].to(device))
                if say and start // batch % 32 == 31:
                    say(f"features of {start + len(data)}/{len(x1)}")
    finally:
        hook.remove()
    features = torch.cat(rows)
    return (features / features.norm(dim=1, keepdim=True)).cpu().numpy()
