"""Latents of a data set, encoded once: posterior means of a KL autoencoder, or nearest codes of a VQ one."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from pretrain.errors import MissingFile, StateDoesNotFit


@dataclass(frozen=True)
class Latents:
    """x1 as flow models see them, already multiplied by the scale factor."""

    x1: torch.Tensor  # [N,C,H,W] f32
    labels: torch.Tensor  # [N] int64
    scale_factor: float
    #: sha256 of the encoder's weights, so that latents of another autoencoder are told apart.
    autoencoder: str

    def subset(self, indices: np.ndarray) -> "Latents":
        chosen = torch.from_numpy(np.asarray(indices, dtype=np.int64))
        return Latents(self.x1[chosen], self.labels[chosen], self.scale_factor, self.autoencoder)


def weights_hash(module: torch.nn.Module) -> str:
    """sha256 of a module's weights in name order."""
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().float().numpy().tobytes())
    return digest.hexdigest()


@torch.no_grad()
def encode_images(autoencoder, images: np.ndarray, device: torch.device, batch: int = 64, say=None) -> np.ndarray:
    """Unscaled latents [N,C,H,W] f16 of uint8 images [N,S,S,3]. `autoencoder.encode` maps [-1,1] images to latents."""
    parts = []
    for start in range(0, len(images), batch):
        x = torch.from_numpy(np.array(images[start : start + batch])).to(device)
        x = x.permute(0, 3, 1, 2).float().div(127.5).sub(1)
        parts.append(autoencoder.encode(x.contiguous(memory_format=torch.channels_last)).half().cpu().numpy())
        if say and (start // batch) % 20 == 0:
            say(f"encoded {start + len(x)}/{len(images)}")
    return np.concatenate(parts)


def write_latents(path: Path, latents: np.ndarray, labels: np.ndarray, scale_factor: float, autoencoder: str) -> None:
    """One .npz, written by rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp.npz")
    about = json.dumps({"scale_factor": scale_factor, "autoencoder": autoencoder})
    np.savez(temporary, latents=latents, labels=labels.astype(np.int64), about=np.array(about))
    os.replace(temporary, path)


def read_latents(path: Path) -> Latents:
    """Throws MissingFile, StateDoesNotFit."""
    if not path.exists():
        raise MissingFile(f"no latents at {path}; make them with 'python3 -m pretrain latents'")
    try:
        with open(path, "rb") as source, np.load(source) as file:
            about = json.loads(str(file["about"]))
            scale = float(about["scale_factor"])
            x1 = torch.from_numpy(file["latents"].astype(np.float32) * np.float32(scale))
            return Latents(x1, torch.from_numpy(file["labels"]), scale, about["autoencoder"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise StateDoesNotFit(f"{path} cannot be read ({error!r}); delete it and make the latents again") from None
