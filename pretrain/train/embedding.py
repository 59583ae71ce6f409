"""Training of the embedding network: stage `embedding`. It comes first, and its file is frozen before any
flow model is evaluated."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Callable

import numpy as np
import torch
import torch.nn as nn

from pretrain.config import load_config
from pretrain.distributed import World
from pretrain.folders import Folders
from pretrain.models.attributes import Head, Layout
from pretrain.models.embedding import (
    EmbeddingConfig,
    EmbeddingLoss,
    EmbeddingTrainer,
    embedding_loss,
    features_of,
)
from pretrain.train.augmentation import Augmentation, augment
from pretrain.train.avatars import Avatars, some_decoded
from pretrain.train.config import TrainConfig
from pretrain.train.freeze import freeze_embedding
from pretrain.train.loop import Run, describe
from pretrain.train.metric_data import DataTable, load_training
from pretrain.train.sheet import save_picture, tile
from pretrain.train.task import Draw, Task

QUERIES = 8
NEIGHBOURS = 7
SHEET_POOL = 4000


@dataclass(frozen=True)
class EmbeddingExperiment:
    name: str
    about: str
    data: DataTable
    train: TrainConfig
    model: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)
    loss: EmbeddingLoss = field(default_factory=EmbeddingLoss)


class EmbeddingTask(Task):
    """Two augmented views of each drawing, through embedding_loss."""

    def __init__(
        self, avatars: Avatars, heads: tuple[Head, ...], experiment: EmbeddingExperiment, device: torch.device
    ) -> None:
        self.avatars, self.experiment, self.device = avatars, experiment, device
        self.layout = Layout(heads)
        network = EmbeddingTrainer(experiment.model, self.layout.total)
        self.network = network.to(device).to(memory_format=torch.channels_last)

    def loss(self, network: nn.Module, draw: Draw, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        chosen = draw.integers(len(self.avatars))
        views = []
        for _ in range(2):
            pixels = self.avatars.pixels(
                chosen, some_decoded(draw, self.experiment.data.decoded_share), self.device
            )
            views.append(augment(pixels, draw, self.experiment.augmentation))
        outputs = network(torch.cat(views).contiguous(memory_format=torch.channels_last))
        values = self.avatars.values[chosen.cpu()].to(self.device)
        return embedding_loss(outputs, values, self.layout, self.experiment.loss)

    def sheet(self, network: nn.Module, path: Path) -> None:
        """Rows of a drawing and the seven that the features call nearest, one row a class."""
        images = np.asarray(self.avatars.images[:SHEET_POOL])
        features = features_of(network.embedding, images, self.device)
        unit = features / np.linalg.norm(features, axis=1, keepdims=True)
        nearest = np.argsort(-unit[:QUERIES] @ unit.T, axis=1)[:, : NEIGHBOURS + 1]
        save_picture(tile(images[nearest.ravel()], NEIGHBOURS + 1), path)


def train_embedding(
    config: Path, folders: Folders, world: World, minutes: float | None, say: Callable[[str], None]
) -> bool:
    """Trains the network of a TOML file, resumable, and writes embedding.safetensors into the run's folder at
    the end; True when the run has ended."""
    experiment = load_config(EmbeddingExperiment, config)
    data = load_training(experiment.data, folders, say)
    torch.manual_seed(experiment.train.seed)
    task = EmbeddingTask(data.train, data.heads, experiment, world.device)
    tables = {key: value for key, value in asdict(experiment).items() if key not in ("train", "about")}
    identity = describe(experiment.train, **tables, heads=[head.as_dict() for head in data.heads])
    run = Run(folders.run(experiment.name), task, experiment.train, identity, world)
    ended = run.train_to_end(minutes, say=say)
    if ended and world.is_main:
        network = run.averaged_network().embedding
        say(
            json.dumps(
                freeze_embedding(network, run.folder, experiment.data, folders, world.device), indent=1
            )
        )
    return ended
