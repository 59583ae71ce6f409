"""The embedding network: a 128-number feature of an avatar, used for metrics alone (FD-embedding, same-seed
similarity).

images [B,3,S,S] in [−1,1], S = 64 or a multiple (128 px: mean of 2×2) → trunk maps [B,C,4,4] → mean over
positions [B,C] → projection [B,128]. Parameter names: `trunk.blocks.N.conv` (Downsample),
`trunk.blocks.N.{norm1,conv1,norm2,conv2}` (ResidualBlock), `trunk.norm_out`, `projection`. Plain operations
alone; paddings as convnet.py says.

It is trained on two augmented views of each drawing: contrastively (Chen et al. 2020, arXiv 2002.05709) and
by its drawing's attributes. Views are hardly blurred or noised, so that the feature is not taught to overlook
a smeared picture.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from pretrain.checkpoints.safetensors import load_into, read_safetensors
from pretrain.config import from_dict
from pretrain.errors import BadSafetensors
from pretrain.models.attributes import Layout, attribute_loss
from pretrain.models.convnet import Trunk, as_input, at_network_size


@dataclass(frozen=True)
class EmbeddingConfig:
    """Sizes of the embedding network."""

    image_size: int = 64
    widths: tuple[int, ...] = (32, 64, 96, 160)
    residual_blocks: tuple[int, ...] = (0, 1, 1, 1)
    norm_groups: int = 8
    feature_dim: int = 128

    def as_dict(self) -> dict:
        return json.loads(json.dumps(asdict(self)))


class EmbeddingNetwork(nn.Module):
    """images [B,3,S,S] in [−1,1] → features [B,D], f32."""

    def __init__(self, config: EmbeddingConfig) -> None:
        super().__init__()
        self.config = config
        self.trunk = Trunk(config.widths, config.residual_blocks, config.norm_groups)
        self.projection = nn.Linear(config.widths[-1], config.feature_dim)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = at_network_size(images, self.config.image_size)
        x = self.trunk(x.to(self.projection.weight.dtype))  # [B,C,4,4]
        return self.projection(x.mean(dim=(2, 3))).float()  # [B,D]


class EmbeddingTrainer(nn.Module):
    """The embedding network with what only training needs: a projector for the contrast, heads that read the
    feature."""

    def __init__(self, config: EmbeddingConfig, attribute_logits: int) -> None:
        super().__init__()
        d = config.feature_dim
        self.embedding = EmbeddingNetwork(config)
        self.projector = nn.Sequential(nn.Linear(d, d), nn.SiLU(), nn.Linear(d, d))
        self.attribute_head = nn.Linear(d, attribute_logits)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Contrast vectors [B,D], attribute logits [B,L], f32."""
        feature = self.embedding(images).to(self.attribute_head.weight.dtype)
        return self.projector(feature).float(), self.attribute_head(feature).float()


def contrastive_loss(a: torch.Tensor, b: torch.Tensor, temperature: float) -> torch.Tensor:
    """NT-Xent of paired vectors [B,D]: −log share of the partner among all 2B − 1 others, exp(cosine /
    temperature), mean.

    Source: Chen et al. 2020, eq. 1.
    """
    z = F.normalize(torch.cat([a, b]), dim=1)
    similarity = z @ z.t() / temperature
    similarity = similarity.masked_fill(torch.eye(len(z), dtype=torch.bool, device=z.device), float("-inf"))
    partner = torch.arange(len(z), device=z.device).roll(len(a))
    return F.cross_entropy(similarity, partner)


@dataclass(frozen=True)
class EmbeddingLoss:
    """Weights of the two parts, and the temperature of the contrast."""

    attributes: float = 1.0
    contrast: float = 0.5
    temperature: float = 0.2


def embedding_loss(
    outputs: tuple[torch.Tensor, torch.Tensor],
    values: torch.Tensor,
    layout: Layout,
    weights: EmbeddingLoss,
) -> tuple[torch.Tensor, dict[str, float]]:
    """Training loss of both views, the first B rows of each output view a and the last B view b of the same
    drawings.

    outputs: contrast vectors [2B,D], attribute logits [2B,L]; values [B,H] of the drawings.
    """
    vectors, logits = outputs
    a, b = vectors.chunk(2)
    contrast = contrastive_loss(a, b, weights.temperature)
    attributes = attribute_loss(logits, torch.cat([values, values]), layout)
    total = weights.contrast * contrast + weights.attributes * attributes
    return total, {"contrast": contrast.item(), "attributes": attributes.item()}


def load_embedding(path: Path) -> EmbeddingNetwork:
    """The network of a safetensors file whose metadata holds its `config`. Throws MissingFile,
    BadSafetensors."""
    tensors, metadata = read_safetensors(path)
    try:
        config = from_dict(EmbeddingConfig, json.loads(metadata["config"]), str(path))
    except (KeyError, ValueError):
        raise BadSafetensors(f"{path} does not say its config in its metadata") from None
    network = EmbeddingNetwork(config)
    load_into(network, tensors, str(path))
    return network.eval()


@torch.no_grad()
def features_of(
    network: EmbeddingNetwork, images: np.ndarray, device: torch.device, batch: int = 64
) -> np.ndarray:
    """Features [N,D] float64 of uint8 images [N,S,S,3]; beyond rounding, image k depends on no other."""
    network = network.to(device)
    parts = []
    for start in range(0, len(images), batch):
        x = as_input(torch.from_numpy(np.array(images[start : start + batch])).to(device))
        parts.append(network(x.contiguous(memory_format=torch.channels_last)).double().cpu().numpy())
    return np.concatenate(parts) if parts else np.empty((0, network.config.feature_dim))
