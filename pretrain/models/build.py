"""A velocity network from its config: { architecture = "dit" | "unet", … }."""

from __future__ import annotations

import json
from pathlib import Path

import torch.nn as nn

from pretrain.checkpoints.safetensors import load_into, read_shards
from pretrain.config import from_dict
from pretrain.errors import BadSafetensors, ConfigDoesNotFit
from pretrain.models.dit import DiT, DiTConfig

UNET_LABEL_DROPOUT = 0.1


def build_velocity(table: dict, where: str) -> nn.Module:
    """A freshly initialised network. Throws ConfigDoesNotFit."""
    values = dict(table)
    architecture = values.pop("architecture", None)
    if architecture == "dit":
        return DiT(from_dict(DiTConfig, values, where))
    if architecture == "unet":
        from pretrain.models.unet import UNetConfig, UNetFM

        return UNetFM(from_dict(UNetConfig, values, where))
    raise ConfigDoesNotFit(f"{where}: architecture is 'dit' or 'unet', not {architecture!r}")


def null_label_of(network: nn.Module) -> int:
    """The label that stands for 'no label'. A DiT has a row of its own for it; a U-Net's table has one row more than
    there are classes, and its last row serves."""
    config = network.config
    return config.num_classes if isinstance(network, DiT) else config.num_classes - 1


def label_dropout_of(network: nn.Module) -> float:
    """Share of training samples whose label is left out."""
    return network.config.class_dropout_prob if isinstance(network, DiT) else UNET_LABEL_DROPOUT


def load_velocity(paths: list[Path]) -> nn.Module:
    """The network of safetensors whose metadata holds its `config` (JSON; architecture 'dit' when it names none)."""
    tensors, metadata = read_shards(paths)
    try:
        config = {"architecture": "dit", **json.loads(metadata["config"])}
    except (KeyError, ValueError):
        raise BadSafetensors(f"{paths[0]} does not say its config in its metadata") from None
    network = build_velocity(config, str(paths[0]))
    load_into(network, tensors, str(paths[0]))
    return network.eval()
