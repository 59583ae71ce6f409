"""Augmented views of avatars for the metric networks: small shift, scale and colour change, blur and noise;
no mirroring, since a drawing's direction means something.

Half of the views keep their place, half are not blurred (Gaussian, σ in pixels), half get no noise (standard
deviation on the scale of [−1,1]); the others are changed by up to the limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from pretrain.train.task import Draw

_BLUR_REACH = 3  # pixels; σ <= 1.2 leaves 1 % of the weight outside


@dataclass(frozen=True)
class Augmentation:
    """Limits of each change; 0 leaves it out."""

    #: Pixels to each side, and share of the size.
    shift: float = 3.0
    scale: float = 0.08
    #: Factor of each colour channel and of all, 1 ± colour; and brightness added, ± colour.
    colour: float = 0.05
    blur: float = 1.0
    noise: float = 0.08


def augment(images: torch.Tensor, draw: Draw, limits: Augmentation) -> torch.Tensor:
    """A view of each of images [B,3,S,S] in [−1,1]."""
    views = _move(images, draw, limits)
    views = _colour(views, draw, limits)
    if limits.blur > 0:
        views = gaussian_blur(views, draw.uniform(0.0, limits.blur) * (draw.uniform() < 0.5))
    if limits.noise > 0:
        strength = draw.uniform(0.0, limits.noise) * (draw.uniform() < 0.5)
        views = views + strength[:, None, None, None] * draw.normal(*images.shape[1:])
    return views.clamp(-1.0, 1.0)


def _move(images: torch.Tensor, draw: Draw, limits: Augmentation) -> torch.Tensor:
    """Shifted and scaled about the centre by bilinear sampling; the edge continues outwards."""
    moved = draw.uniform() < 0.5
    scale = 1.0 + moved * draw.uniform(-limits.scale, limits.scale)
    shift_x = moved * draw.uniform(-limits.shift, limits.shift) * (2.0 / images.shape[-1])
    shift_y = moved * draw.uniform(-limits.shift, limits.shift) * (2.0 / images.shape[-1])
    zero = torch.zeros_like(scale)
    rows = [torch.stack([scale, zero, shift_x], 1), torch.stack([zero, scale, shift_y], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _colour(images: torch.Tensor, draw: Draw, limits: Augmentation) -> torch.Tensor:
    c = limits.colour
    gains = torch.stack([draw.uniform(1.0 - c, 1.0 + c) for _ in range(3)], dim=1)[:, :, None, None]
    return images * gains + draw.uniform(-c, c)[:, None, None, None]


def gaussian_blur(images: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Each of images [B,C,H,W] blurred by its own σ [B] in pixels (0: unchanged), seven taps a direction,
    edges continued."""
    offsets = torch.arange(-_BLUR_REACH, _BLUR_REACH + 1, device=images.device)
    weights = torch.exp(-offsets[None] ** 2 / (2.0 * sigma.clamp(min=1e-3)[:, None] ** 2))  # [B,7]
    weights = (weights / weights.sum(dim=1, keepdim=True))[:, :, None, None, None]
    height, width = images.shape[2:]
    padded = F.pad(images, (0, 0, _BLUR_REACH, _BLUR_REACH), mode="replicate")
    down = sum(weights[:, k] * padded[:, :, k : k + height] for k in range(len(offsets)))
    padded = F.pad(down, (_BLUR_REACH, _BLUR_REACH, 0, 0), mode="replicate")
    return sum(weights[:, k] * padded[:, :, :, k : k + width] for k in range(len(offsets)))
