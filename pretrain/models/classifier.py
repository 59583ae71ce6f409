"""The attribute classifier: the class of an avatar and its attributes, read off its pixels.

images [B,3,S,S] in [−1,1], S = 64 or a multiple → trunk maps [B,C,4,4] → conv_reduce (1×1) → SiLU →
conv_hidden (4×4, no padding, one position left) → SiLU → class_head [B,classes], attribute_head [B,L] (logits
of all heads, one after the other). It shares nothing with the embedding network. Names: `trunk.*` as in
embedding.py, `conv_reduce`, `conv_hidden`, `class_head`, `attribute_head`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from pretrain.checkpoints.safetensors import load_into, read_safetensors
from pretrain.config import from_dict
from pretrain.errors import BadSafetensors
from pretrain.models.attributes import NOT_APPLICABLE, Head, Layout, applies_to, attribute_loss
from pretrain.models.convnet import Trunk, as_input, at_network_size


@dataclass(frozen=True)
class ClassifierConfig:
    """Sizes, classes in label order and heads in logit order."""

    styles: tuple[str, ...]
    heads: tuple[Head, ...]
    image_size: int = 64
    widths: tuple[int, ...] = (32, 64, 96, 160)
    residual_blocks: tuple[int, ...] = (0, 1, 1, 1)
    norm_groups: int = 8
    reduced: int = 64
    hidden: int = 256

    def as_dict(self) -> dict:
        return json.loads(json.dumps(asdict(self)))


class Classifier(nn.Module):
    """images [B,3,S,S] in [−1,1] → class logits [B,classes], attribute logits [B,L], f32."""

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        self.layout = Layout(config.heads)
        positions = config.image_size // 2 ** len(config.widths)
        self.trunk = Trunk(config.widths, config.residual_blocks, config.norm_groups)
        self.conv_reduce = nn.Conv2d(config.widths[-1], config.reduced, 1)
        self.conv_hidden = nn.Conv2d(config.reduced, config.hidden, positions)
        self.class_head = nn.Linear(config.hidden, len(config.styles))
        self.attribute_head = nn.Linear(config.hidden, self.layout.total)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = at_network_size(images, self.config.image_size)
        x = self.trunk(x.to(self.class_head.weight.dtype))  # [B,C,4,4]
        x = F.silu(self.conv_reduce(x))  # [B,R,4,4]
        x = F.silu(self.conv_hidden(x)).flatten(1)  # [B,hidden]
        return self.class_head(x).float(), self.attribute_head(x).float()


def classifier_loss(
    outputs: tuple[torch.Tensor, torch.Tensor],
    labels: torch.Tensor,
    values: torch.Tensor,
    layout: Layout,
    smoothing: float,
) -> tuple[torch.Tensor, dict[str, float]]:
    """Cross entropy of the class [B] plus that of the attributes [B,H] (attributes.attribute_loss)."""
    class_logits, attribute_logits = outputs
    of_class = F.cross_entropy(class_logits, labels)
    of_attributes = attribute_loss(attribute_logits, values, layout, smoothing)
    return of_class + of_attributes, {"class": of_class.item(), "attributes": of_attributes.item()}


@dataclass(frozen=True)
class Seen:
    """What the classifier sees in images."""

    labels: np.ndarray
    """[N] int64: the class."""
    values: np.ndarray
    """[N,H] int64: each head's value, NOT_APPLICABLE where the seen class has no such head."""


@torch.no_grad()
def classify(
    network: Classifier,
    images: np.ndarray,
    device: torch.device,
    labels: np.ndarray | None = None,
    batch: int = 64,
) -> Seen:
    """Classes and attributes of uint8 images [N,S,S,3]. Heads apply by the seen class, or by `labels` [N]
    when given."""
    network = network.to(device)
    classes, values = [], []
    for start in range(0, len(images), batch):
        x = as_input(torch.from_numpy(np.array(images[start : start + batch])).to(device))
        class_logits, attribute_logits = network(x.contiguous(memory_format=torch.channels_last))
        classes.append(class_logits.argmax(1).cpu().numpy())
        values.append(network.layout.spread(attribute_logits).argmax(2).cpu().numpy())
    if not classes:
        return Seen(np.empty(0, np.int64), np.empty((0, len(network.config.heads)), np.int64))
    seen = np.concatenate(classes)
    applies = applies_to(network.config.heads, network.config.styles)[seen if labels is None else labels]
    return Seen(seen, np.where(applies, np.concatenate(values), NOT_APPLICABLE))


def with_heads(network: Classifier, kept: list[str]) -> Classifier:
    """The same network with only the named heads, in their order; the rows of the others leave the attribute
    head."""
    chosen = [h for h, head in enumerate(network.config.heads) if head.name in kept]
    heads = tuple(network.config.heads[h] for h in chosen)
    starts = network.layout.starts
    rows = np.concatenate([starts[h] + np.arange(len(network.config.heads[h].values)) for h in chosen])
    smaller = Classifier(replace(network.config, heads=heads))
    state = dict(network.state_dict())
    for name in ("attribute_head.weight", "attribute_head.bias"):
        state[name] = state[name][torch.from_numpy(rows).to(state[name].device)]
    smaller.load_state_dict(state)
    return smaller.eval()


def load_classifier(path: Path) -> Classifier:
    """The network of a safetensors file whose metadata holds its `config`. Throws MissingFile,
    BadSafetensors."""
    tensors, metadata = read_safetensors(path)
    try:
        config = from_dict(ClassifierConfig, json.loads(metadata["config"]), str(path))
    except (KeyError, ValueError):
        raise BadSafetensors(f"{path} does not say its config in its metadata") from None
    network = Classifier(config)
    load_into(network, tensors, str(path))
    return network.eval()
