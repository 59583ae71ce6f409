"""The metric networks as files: f16 with their config in the metadata, and beside it what they can do on
held-out drawings. `python3 -m pretrain embedding` and `classifier` write them into their run's folder when
the run has ended.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from pretrain.checkpoints.safetensors import half_precision, write_safetensors
from pretrain.errors import ClassifierNotGoodEnough
from pretrain.folders import Folders
from pretrain.metrics.accuracy import REPORTED_SHARE, HeadAccuracy, accuracy_of_head, accuracy_of_heads
from pretrain.metrics.frechet import Reference, gaussian_of
from pretrain.models.attributes import Head, without_repetition
from pretrain.models.classifier import Classifier, classify, load_classifier, with_heads
from pretrain.models.embedding import EmbeddingNetwork, features_of, load_embedding
from pretrain.train.augmentation import gaussian_blur
from pretrain.train.avatars import Avatars
from pretrain.train.metric_data import DataTable, load_held_out

#: Heads are chosen on the drawings that were set aside, with this much to spare, so that few fail on the
#: held-out ones.
MARGIN = 0.005


def write_network(path: Path, network: torch.nn.Module) -> dict[str, object]:
    """Writes the weights in f16 with `config` in the metadata; returns {file, bytes, sha256, parameters}."""
    write_safetensors(
        path, half_precision(network.state_dict()), {"config": json.dumps(network.config.as_dict())}
    )
    data = path.read_bytes()
    parameters = sum(p.numel() for p in network.parameters())
    return {
        "file": path.name,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "parameters": parameters,
    }


def write_card(path: Path, card: dict[str, object]) -> None:
    """A small JSON beside the weights, by rename."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    os.replace(temporary, path)


def freeze_embedding(
    network: EmbeddingNetwork, run: Path, table: DataTable, folders: Folders, device: torch.device
) -> dict[str, object]:
    """runs/embedding/embedding.safetensors and embedding.json: what FD-embedding makes of known changes.

    FD against one half of the held-out split of: the other half (what sampling alone gives), the same blurred
    by σ = 0.6 px and with noise of 2 %, and the other half without one class.
    """
    entry = write_network(run / "embedding.safetensors", network)
    network = load_embedding(run / "embedding.safetensors")
    held_out = load_held_out(table, (), folders)
    place = np.arange(len(held_out))
    half = (place + place // len(held_out.labels.unique())) % 2 == 0  # every second drawing of each class
    images = np.asarray(held_out.images)
    other = torch.from_numpy(images[~half]).permute(0, 3, 1, 2).float()
    blurred = gaussian_blur(other, torch.full((len(other),), 0.6)).round().byte().permute(0, 2, 3, 1).numpy()
    noise = np.random.RandomState(0).randn(*images[~half].shape) * 0.02 * 255
    noisy = np.clip(np.round(images[~half] + noise), 0, 255).astype(np.uint8)
    features = features_of(network, images, device)
    reference = Reference(gaussian_of(features[half]))
    without = held_out.labels.numpy()[~half] != 0
    distances = {
        "other half": reference.distance_to(gaussian_of(features[~half])),
        "other half, blurred by 0.6 px": reference.distance_to(
            gaussian_of(features_of(network, blurred, device))
        ),
        "other half, 2 % noise": reference.distance_to(gaussian_of(features_of(network, noisy, device))),
        "other half without one class": reference.distance_to(gaussian_of(features[~half][without])),
    }
    card = {**entry, "feature_dim": network.config.feature_dim, "fd_to_half_of_held_out": distances}
    write_card(run / "embedding.json", card)
    return card


def freeze_classifier(
    network: Classifier, run: Path, aside: Avatars, table: DataTable, folders: Folders, device: torch.device
) -> dict[str, object]:
    """runs/classifier/classifier.safetensors with the heads that are good enough, and classifier.json with
    the measured held-out accuracy of each, and of those that were left out."""
    heads = network.config.heads
    names = [head.name for head in heads]
    seen = classify(network, aside.images, device, aside.labels.numpy())
    chosen = accuracy_of_heads(names, seen.values, aside.values.numpy())
    kept = [name for name in names if chosen[name].good_enough(MARGIN)]
    held_out = load_held_out(table, heads, folders)
    measured = _held_out_accuracy(network, held_out, heads, device)
    kept = without_repetition([name for name in kept if measured[name].good_enough()])
    if not kept:
        best = max(names, key=lambda name: measured[name].share)
        raise ClassifierNotGoodEnough(
            f"no attribute is right on {REPORTED_SHARE:.0%} of the held-out drawings; "
            f"the best is {best} with {measured[best].share:.1%}. Train longer; nothing was written"
        )
    smaller = with_heads(network, kept)
    entry = write_network(run / "classifier.safetensors", smaller)
    final = load_classifier(run / "classifier.safetensors")
    reported = _held_out_accuracy(
        final, load_held_out(table, final.config.heads, folders), final.config.heads, device
    )
    classes = classify(final, held_out.images, device).labels
    of_class = accuracy_of_head(classes, held_out.labels.numpy())
    card = {
        **entry,
        "class_accuracy": asdict(of_class),
        "heads": {name: asdict(accuracy) for name, accuracy in reported.items()},
        "left_out": {name: asdict(measured[name]) for name in names if name not in kept},
    }
    write_card(run / "classifier.json", card)
    return card


def _held_out_accuracy(
    network: Classifier, held_out: Avatars, heads: tuple[Head, ...], device: torch.device
) -> dict[str, HeadAccuracy]:
    seen = classify(network, held_out.images, device, held_out.labels.numpy())
    return accuracy_of_heads([head.name for head in heads], seen.values, held_out.values.numpy())
