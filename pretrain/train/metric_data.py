"""What both metric networks train on and are checked with: the data set's avatars, their heads,
reconstructions.

The last indices of the training split are set aside: on them it is decided which heads a classifier can
report, so that the held-out split only measures.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import torch

from pretrain.data.dataset import load_split
from pretrain.data.reconstructions import cached_reconstructions
from pretrain.errors import ConfigDoesNotFit
from pretrain.folders import Folders
from pretrain.models.attributes import Head, heads_of
from pretrain.train.avatars import Avatars, avatars_of


@dataclass(frozen=True)
class DataTable:
    """The [data] table."""

    #: Folder of the data set, relative to the work folder.
    dataset: str = "dataset"
    size: int = 64
    #: Share of the training split that is set aside for choosing heads; the images of highest index.
    set_aside: float = 0.05
    #: Values of an attribute that fewer drawings have are not learnt.
    rarest_value: int = 8
    #: safetensors of the autoencoder through which the first `decoded_images` are also seen, in
    #: `decoded_share` of their
    #: turns; none when 0.
    autoencoder: tuple[str, ...] = ()
    decoded_images: int = 0
    decoded_share: float = 0.0


@dataclass(frozen=True)
class MetricData:
    styles: tuple[str, ...]
    heads: tuple[Head, ...]
    train: Avatars
    aside: Avatars


def load_training(table: DataTable, folders: Folders, say: Callable[[str], None]) -> MetricData:
    """The training split, cut in two. Throws ConfigDoesNotFit, MissingFile and what load_split throws."""
    if table.decoded_images > 0 and not table.autoencoder:
        raise ConfigDoesNotFit(
            f"[data] decoded_images is {table.decoded_images}, so autoencoder must name its files"
        )
    folder = folders.find(table.dataset)
    split = load_split(folder, "train", table.size)
    styles = styles_of(split.keys, split.labels)
    heads = heads_of(split.attributes, styles, table.rarest_value)
    end = len(split.labels) - round(len(split.labels) * table.set_aside)
    first = split.images[: min(table.decoded_images, end)]
    decoded = first[:0]
    if len(first):
        paths = [folders.find(name) for name in table.autoencoder]
        name = f"{Path(table.dataset).name}-train-{table.size}-{len(first)}"
        decoded = reconstructions_of(paths, first, folders, name, say)
    parts = []
    for a, b, seen in ((0, end, decoded), (end, len(split.labels), decoded[:0])):
        parts.append(avatars_of(split.images[a:b], seen, split.labels[a:b], split.attributes[a:b], heads))
    return MetricData(styles, heads, *parts)


def load_held_out(table: DataTable, heads: tuple[Head, ...], folders: Folders) -> Avatars:
    """The held-out split with the values of `heads`."""
    split = load_split(folders.find(table.dataset), "held-out", table.size)
    return avatars_of(split.images, split.images[:0], split.labels, split.attributes, heads)


def styles_of(keys: list[str], labels: np.ndarray) -> tuple[str, ...]:
    """Names of the classes in label order, from keys "style/index"."""
    names = {int(label): key.split("/")[0] for key, label in zip(keys, labels)}
    return tuple(names[label] for label in sorted(names))


def reconstructions_of(
    paths: list[Path], images: np.ndarray, folders: Folders, name: str, say: Callable[[str], None]
) -> np.ndarray:
    """The cached reconstructions of `images` by the autoencoder of `paths`, told apart by the hash of those
    files."""

    def load() -> torch.nn.Module:
        from pretrain.models.autoencoder import load_autoencoder

        return load_autoencoder(paths)

    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]
    cache = folders.work / "reconstructions" / f"{name}-{digest}.npy"
    return cached_reconstructions(cache, load, images, say)
