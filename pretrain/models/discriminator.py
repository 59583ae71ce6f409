"""A patch discriminator for the late, adversarial part of an autoencoder's training (Isola et al. 2017, PatchGAN)."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F


class PatchDiscriminator(nn.Module):
    """Images [B,C,S,S] in [−1,1] → one logit a patch [B,1,S/8,S/8]: real above, reconstructed below zero."""

    def __init__(self, channels: int = 3, width: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(4 * width, 1, 3, 1, 1),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layers(images).float()


def hinge_loss(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """½·mean max(0, 1 − D(real)) + ½·mean max(0, 1 + D(fake))."""
    return 0.5 * (F.relu(1 - real).mean() + F.relu(1 + fake).mean())
