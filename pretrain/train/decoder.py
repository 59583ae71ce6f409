"""Training of a decoder alone, on latents that stay as they are: pictures get better, and every flow model stays valid.

The autoencoder's losses, on latents x1/scale + σ·noise, σ a share of the latents' standard deviation: what a flow model
draws is never quite what the encoder would give. Stage `decoder`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

from pretrain.config import load_config
from pretrain.data.dataset import load_split
from pretrain.data.latents import Latents, read_latents, weights_hash
from pretrain.distributed import World
from pretrain.errors import CountsDiffer, StateDoesNotFit
from pretrain.folders import Folders
from pretrain.models.autoencoder import Autoencoder, load_autoencoder
from pretrain.train.autoencoder import AutoencoderLoss, AutoencoderTask, PictureTable, picture_loss
from pretrain.train.config import TrainConfig
from pretrain.train.loop import Run, describe
from pretrain.train.task import Draw


@dataclass(frozen=True)
class DecoderExperiment:
    name: str
    about: str
    #: safetensors of the autoencoder: its encoder stays, its decoder is where training starts.
    weights: tuple[str, ...]
    #: Latents of the training split by that encoder.
    latents: str
    train: TrainConfig
    data: PictureTable = field(default_factory=PictureTable)
    loss: AutoencoderLoss = field(default_factory=AutoencoderLoss)
    noise: float = 0.05


class DecoderTask(AutoencoderTask):
    def __init__(
        self, network: Autoencoder, images: np.ndarray, latents: Latents, noise: float, loss: AutoencoderLoss, world: World
    ) -> None:
        super().__init__(network, images, loss, world)
        for part in (network.encoder, network.quant_conv):
            part.requires_grad_(False)
        self.latents = (latents.x1 / latents.scale_factor).to(world.device)
        self.noise = noise * float(self.latents.std())

    def loss(self, network: nn.Module, draw: Draw, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        chosen = draw.integers(len(self.images))
        x = self.pictures(chosen.cpu().numpy(), draw.device)
        z = self.latents[chosen] + self.noise * draw.normal(*self.network.config.latent_shape)
        dtype = network.post_quant_conv.weight.dtype
        r = network.decode(z.to(dtype).contiguous(memory_format=torch.channels_last)).float()
        total, parts = picture_loss(r, x, self.table)
        return self.with_judge(total, parts, x, r, step)


def train_decoder(path: Path, folders: Folders, world: World, minutes: float | None = None, say=print) -> bool:
    """Trains what the TOML file describes in `runs/NAME`; True when it has ended. Throws StateDoesNotFit for latents of
    another encoder, CountsDiffer for latents of another data set."""
    experiment = load_config(DecoderExperiment, path)
    network = load_autoencoder([folders.find(name) for name in experiment.weights])
    latents = read_latents(folders.find(experiment.latents))
    if latents.autoencoder != weights_hash(network):
        raise StateDoesNotFit(f"{experiment.latents} were encoded by another autoencoder; make them with the stage 'latents'")
    images = load_split(folders.find(experiment.data.dataset), "train", experiment.data.size).images
    if len(images) != len(latents.x1):
        raise CountsDiffer(f"{len(images)} pictures and {len(latents.x1)} latents; make the latents again")
    task = DecoderTask(network, images, latents, experiment.noise, experiment.loss, world)
    tables = {key: value for key, value in asdict(experiment).items() if key not in ("train", "about", "weights")}
    identity = describe(experiment.train, model=network.config.as_dict(), **tables)
    return Run(folders.run(experiment.name), task, experiment.train, identity, world).train_to_end(minutes, None, say)
