"""Images as an autoencoder gives them back, so that the metric networks know what decoded pixels look like.

Each image is encoded, its latents are disturbed by normal noise of strength u·σ (u ~ U(0, 1) per image, σ =
DISTURBANCE of the latents' standard deviation) and decoded: a generated latent is never quite one that the
encoder would give.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable

import numpy as np
import torch

from pretrain.models.convnet import as_input

DISTURBANCE = 0.25
BATCH = 64


@torch.no_grad()
def reconstruct(
    autoencoder: torch.nn.Module,
    images: np.ndarray,
    out: np.ndarray,
    disturbance: float = DISTURBANCE,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
) -> None:
    """Writes the decoded uint8 images [N,S,S,3] into `out`, of the same shape. `autoencoder` has encode and
    decode."""
    generator = torch.Generator().manual_seed(seed)
    device = next(autoencoder.parameters()).device
    for start in range(0, len(images), BATCH):
        x = as_input(torch.from_numpy(np.array(images[start : start + BATCH])))
        z = autoencoder.encode(x.to(device).contiguous(memory_format=torch.channels_last))
        strength = disturbance * torch.rand(len(x), 1, 1, 1, generator=generator)
        z = z + (strength * torch.randn(z.shape, generator=generator)).to(device) * z.std()
        levels = autoencoder.decode(z).clamp(-1, 1).add(1).mul(127.5).round().byte()
        out[start : start + len(x)] = levels.permute(0, 2, 3, 1).cpu().numpy()
        if say and start // BATCH % 20 == 0:
            say(f"reconstructed {start + len(x)}/{len(images)}")


def cached_reconstructions(
    path: Path,
    load: Callable[[], torch.nn.Module],
    images: np.ndarray,
    say: Callable[[str], None] | None = None,
) -> np.ndarray:
    """A memory map of `reconstruct(images)` in the .npy file `path`, made once and put there whole by rename.
    `load` gives the autoencoder when it is needed."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(path.name + ".tmp.npy")
        out = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.uint8, shape=images.shape)
        reconstruct(load(), images, out, say=say)
        out.flush()
        os.replace(temporary, path)
    return np.load(path, mmap_mode="r")
