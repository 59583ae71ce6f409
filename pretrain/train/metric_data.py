"""What both metric networks train on and are checked with: the data set's avatars, their heads, reconstructions.

The last indices of the training split are set aside: on them it is decided which heads a classifier can report, so that
the held-out split only measures.
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
    #: safetensors of the autoencoder whose reconstructions are mixed in, and their share; none when 0.
    autoencoder: tuple[str, ...] = ()
    decoded_share: float = 0.0


@dataclass(frozen=True)
class MetricData:
    styles: tuple[str, ...]
    heads: tuple[Head, ...]
    train: Avatars
    aside: Avatars


def load_training(table: DataTable, folders: Folders, say: Callable[[str], None]) -> MetricData:
    """The training split, cut in two. Throws ConfigDoesNotFit, MissingFile and what load_split throws."""
    if table.decoded_share > 0 and not table.autoencoder:
        raise ConfigDoesNotFit(f"[data] decoded_share is {table.decoded_share}, so autoencoder must name its files")
    folder = folders.find(table.dataset)
    split = load_split(folder, "train", table.size)
    styles = styles_of(split.keys, split.labels)
    heads = heads_of(split.attributes, styles)
    decoded = None
    if table.decoded_share > 0:
        paths = [folders.find(name) for name in table.autoencoder]
        decoded = reconstructions_of(paths, split.images, folders, f"{Path(table.dataset).name}-train-{table.size}", say)
    end = len(split.labels) - round(len(split.labels) * table.set_aside)
    parts = [
        avatars_of(split.images[a:b], None if decoded is None else decoded[a:b], split.labels[a:b], split.attributes[a:b], heads)
        for a, b in ((0, end), (end, len(split.labels)))
    ]
    return MetricData(styles, heads, *parts)


def load_held_out(table: DataTable, heads: tuple[Head, ...], folders: Folders) -> Avatars:
    """The held-out split with the values of `heads`."""
    split = load_split(folders.find(table.dataset), "held-out", table.size)
    return avatars_of(split.images, None, split.labels, split.attributes, heads)


def styles_of(keys: list[str], labels: np.ndarray) -> tuple[str, ...]:
    """Names of the classes in label order, from keys "style/index"."""
    names = {int(label): key.split("/")[0] for key, label in zip(keys, labels)}
    return tuple(names[label] for label in sorted(names))


def reconstructions_of(
    paths: list[Path], images: np.ndarray, folders: Folders, name: str, say: Callable[[str], None]
) -> np.ndarray:
    """The cached reconstructions of `images` by the autoencoder of `paths`, told apart by the hash of those files."""
    from pretrain.models.autoencoder import load_autoencoder

    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]
    cache = folders.work / "reconstructions" / f"{name}-{digest}.npy"
    with torch.no_grad():
        return cached_reconstructions(cache, load_autoencoder(paths), images, say)
