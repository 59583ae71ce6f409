"""The small convolutional trunk that the embedding network and the attribute classifier share in kind, never
in weights.

images [B,3,64,64] in [−1,1] → maps [B,C,4,4]: per level a 3×3 convolution of stride 2, then residual blocks x
+ conv2(silu(norm2(conv1(silu(norm1 x))))); norm_out and SiLU at the end. Every 3×3 convolution pads 1 on all
four sides (symmetric, also at stride 2, where TensorFlow's "same" would pad right and bottom alone).
GroupNorm as in the autoencoder: eps 1e-6, in f32. Plain operations alone, so that a browser runs it.
"""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from pretrain.errors import ConfigDoesNotFit

NORM_EPS = 1e-6


class GroupNorm(nn.GroupNorm):
    """GroupNorm computed in f32: torch 1.13's bf16 kernel gives wrong numbers on the CPU."""

    def __init__(self, groups: int, channels: int) -> None:
        super().__init__(groups, channels, eps=NORM_EPS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.group_norm(x.float(), self.num_groups, self.weight.float(), self.bias.float(), self.eps)


def norm_silu(norm: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """silu(norm(x)) in x's type."""
    return F.silu(norm(x)).to(x.dtype)


class Downsample(nn.Module):
    """3×3 convolution of stride 2, padding 1 on all sides: [B,I,2H,2W] → [B,O,H,W]."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


class ResidualBlock(nn.Module):
    """x + conv2(silu(norm2(conv1(silu(norm1 x))))), [B,C,H,W] → [B,C,H,W]; the identity at the start of
    training."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm1 = GroupNorm(groups, channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = GroupNorm(groups, channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.conv1(norm_silu(self.norm1, x))
        return x + self.conv2(norm_silu(self.norm2, h))


class Trunk(nn.Module):
    """Blocks per level: Downsample to its width, then `residual[level]` ResidualBlocks."""

    def __init__(self, widths: tuple[int, ...], residual: tuple[int, ...], groups: int) -> None:
        super().__init__()
        if len(widths) != len(residual):
            raise ConfigDoesNotFit(f"widths of {len(widths)} levels, residual blocks of {len(residual)}")
        if any(width % groups for width in widths):
            raise ConfigDoesNotFit(f"{groups} norm groups do not divide all of the widths {list(widths)}")
        blocks: list[nn.Module] = []
        channels = 3
        for width, count in zip(widths, residual):
            blocks.append(Downsample(channels, width))
            blocks.extend(ResidualBlock(width, groups) for _ in range(count))
            channels = width
        self.blocks = nn.ModuleList(blocks)
        self.norm_out = GroupNorm(groups, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return norm_silu(self.norm_out, x)


def at_network_size(images: torch.Tensor, size: int) -> torch.Tensor:
    """[B,3,S,S] at the size that the network reads; S a multiple of it: mean of (S/size)² squares (2×2 for
    128 px)."""
    scale, rest = divmod(images.shape[-1], size)
    if rest or scale < 1 or images.shape[-1] != images.shape[-2]:
        raise ConfigDoesNotFit(
            f"images of {images.shape[-1]}×{images.shape[-2]} px for a network of {size} px; give a multiple"
        )
    return images if scale == 1 else F.avg_pool2d(images, scale)


def as_input(images: torch.Tensor) -> torch.Tensor:
    """uint8 [B,H,W,3] → float [B,3,H,W] in [−1,1]."""
    return images.permute(0, 3, 1, 2).float().div(127.5).sub(1.0)
