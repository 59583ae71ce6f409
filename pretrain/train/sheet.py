"""Sample sheets: pictures of fixed seeds, so that one sees a run get better."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pretrain.flow.noise import STREAM_X0, normals_of_seeds
from pretrain.flow.sampler import sample, uniform_grid
from pretrain.models.fast_products import fast_products


def to_bytes(images: torch.Tensor) -> np.ndarray:
    """[-1,1] images [B,3,H,W] → uint8 [B,H,W,3] by round((v + 1)·127.5)."""
    levels = images.clamp(-1, 1).add(1).mul(127.5).round().byte()
    return levels.permute(0, 2, 3, 1).cpu().numpy()


def tile(images: np.ndarray, columns: int) -> Image.Image:
    """uint8 [B,H,W,3] in rows of `columns`."""
    count, height, width, _ = images.shape
    rows = -(-count // columns)
    canvas = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for k, picture in enumerate(images):
        top, left = k // columns * height, k % columns * width
        canvas[top : top + height, left : left + width] = picture
    return Image.fromarray(canvas)


def save_picture(image: Image.Image, path: Path) -> None:
    """By rename, so that a viewer never meets half a picture."""
    temporary = path.with_name(path.name + ".tmp.png")
    image.save(temporary)
    os.replace(temporary, path)


def start_states(seeds: range, shape: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """x0 [B,C,H,W] of these seeds, as the page draws them (method §3)."""
    normals = normals_of_seeds(seeds, STREAM_X0, int(np.prod(shape)))
    return torch.from_numpy(normals.reshape(len(seeds), *shape)).to(device)


def velocity_sheet(network, decode, shape, classes: int, path: Path, count: int = 32, guidance: float = 1.5) -> None:
    """Seeds 0 … count−1, classes in turn, 30 grid points."""
    device = next(network.parameters()).device
    x0 = start_states(range(count), tuple(shape), device)
    y = torch.arange(count, device=device) % classes
    with fast_products():
        x1 = sample(network, network, 0.0, x0, y, uniform_grid(30), guidance=guidance, null_label=classes)
    save_picture(tile(to_bytes(decode(x1)), 8), path)
