"""Training of the attribute classifier: stage `classifier`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Callable

import torch
import torch.nn as nn

from pretrain.config import load_config
from pretrain.distributed import World
from pretrain.folders import Folders
from pretrain.models.classifier import Classifier, ClassifierConfig, classifier_loss
from pretrain.train.augmentation import Augmentation, augment
from pretrain.train.avatars import Avatars, some_decoded
from pretrain.train.config import TrainConfig
from pretrain.train.freeze import freeze_classifier
from pretrain.train.loop import Run, describe
from pretrain.train.metric_data import DataTable, load_training
from pretrain.train.task import Draw, Task


@dataclass(frozen=True)
class ClassifierTable:
    """Sizes of the classifier; classes and heads come from the data set."""

    widths: tuple[int, ...] = (32, 64, 96, 160)
    residual_blocks: tuple[int, ...] = (0, 1, 1, 1)
    norm_groups: int = 8
    reduced: int = 64
    hidden: int = 256


@dataclass(frozen=True)
class ClassifierExperiment:
    name: str
    about: str
    data: DataTable
    train: TrainConfig
    model: ClassifierTable = field(default_factory=ClassifierTable)
    augmentation: Augmentation = field(default_factory=Augmentation)
    #: Share of the uniform distribution in the attributes' targets.
    smoothing: float = 0.0


class ClassifierTask(Task):
    """One augmented view of each drawing, or of its reconstruction, through classifier_loss."""

    def __init__(
        self,
        avatars: Avatars,
        config: ClassifierConfig,
        experiment: ClassifierExperiment,
        device: torch.device,
    ) -> None:
        self.avatars, self.experiment, self.device = avatars, experiment, device
        self.network = Classifier(config).to(device).to(memory_format=torch.channels_last)

    def loss(self, network: nn.Module, draw: Draw, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        chosen = draw.integers(len(self.avatars))
        pixels = self.avatars.pixels(
            chosen, some_decoded(draw, self.experiment.data.decoded_share), self.device
        )
        view = augment(pixels, draw, self.experiment.augmentation)
        outputs = network(view.contiguous(memory_format=torch.channels_last))
        labels = self.avatars.labels[chosen.cpu()].to(self.device)
        values = self.avatars.values[chosen.cpu()].to(self.device)
        return classifier_loss(outputs, labels, values, self.network.layout, self.experiment.smoothing)


def train_classifier(
    config: Path, folders: Folders, world: World, minutes: float | None, say: Callable[[str], None]
) -> bool:
    """Trains the network of a TOML file, resumable, and writes classifier.safetensors into the run's folder
    at the end; True when the run has ended."""
    experiment = load_config(ClassifierExperiment, config)
    data = load_training(experiment.data, folders, say)
    torch.manual_seed(experiment.train.seed)
    sizes = ClassifierConfig(data.styles, data.heads, experiment.data.size, **asdict(experiment.model))
    task = ClassifierTask(data.train, sizes, experiment, world.device)
    tables = {key: value for key, value in asdict(experiment).items() if key not in ("train", "about")}
    identity = describe(experiment.train, **tables, heads=[head.as_dict() for head in data.heads])
    run = Run(folders.run(experiment.name), task, experiment.train, identity, world)
    ended = run.train_to_end(minutes, say=say)
    if ended and world.is_main:
        network = run.averaged_network()
        card = freeze_classifier(network, run.folder, data.aside, experiment.data, folders, world.device)
        say(json.dumps(card, indent=1))
    return ended
