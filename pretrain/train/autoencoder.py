"""Training of the autoencoder: L1 + edges + squared error + regulariser, adversarial late. Stage `autoencoder`.

loss = mean|r − x| + w_e·(mean|∂r − ∂x| over both directions) + w_s·mean(r − x)² + w_r·regulariser, and from
`adversarial_from` on w_a·(−mean D(r)). Half of the pictures are mirrored.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

from pretrain.checkpoints.safetensors import load_into, read_shards
from pretrain.config import from_dict, load_config
from pretrain.data.dataset import load_split
from pretrain.data.latents import encode_images, weights_hash, write_latents
from pretrain.distributed import World
from pretrain.errors import ConfigDoesNotFit
from pretrain.folders import Folders
from pretrain.models.autoencoder import Autoencoder, AutoencoderConfig
from pretrain.models.discriminator import PatchDiscriminator, hinge_loss
from pretrain.train.config import TrainConfig
from pretrain.train.loop import Run, describe, read_state
from pretrain.train.sheet import save_picture, tile, to_bytes
from pretrain.train.task import Draw, Task


@dataclass(frozen=True)
class PictureTable:
    #: Folder of the data set, relative to the work folder, and the side in pixels that is trained on.
    dataset: str = "dataset"
    size: int = 64


@dataclass(frozen=True)
class AutoencoderLoss:
    edge_weight: float = 0.5
    squared_weight: float = 0.5
    regulariser_weight: float = 1e-3
    #: Step from which the discriminator takes part; −1: never.
    adversarial_from: int = -1
    adversarial_weight: float = 0.02
    discriminator_rate: float = 2e-4


@dataclass(frozen=True)
class AutoencoderExperiment:
    name: str
    about: str
    model: dict
    train: TrainConfig
    data: PictureTable = field(default_factory=PictureTable)
    loss: AutoencoderLoss = field(default_factory=AutoencoderLoss)
    #: safetensors (encoder and decoder) to start from.
    weights: tuple[str, ...] = ()


def edges(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Differences of neighbours along x and along y."""
    return images[..., 1:] - images[..., :-1], images[..., 1:, :] - images[..., :-1, :]


def picture_loss(r: torch.Tensor, x: torch.Tensor, table: AutoencoderLoss) -> tuple[torch.Tensor, dict[str, float]]:
    """mean|r − x| + w_e·edges + w_s·mean(r − x)² of pictures [B,3,S,S], and its parts."""
    l1, squared = (r - x).abs().mean(), (r - x).pow(2).mean()
    edge = sum((a - b).abs().mean() for a, b in zip(edges(r), edges(x)))
    total = l1 + table.edge_weight * edge + table.squared_weight * squared
    return total, {"l1": l1.item(), "edge": edge.item(), "squared": squared.item()}


class AutoencoderTask(Task):
    def __init__(self, network: Autoencoder, images: np.ndarray, loss: AutoencoderLoss, world: World) -> None:
        self.network = network.to(world.device).to(memory_format=torch.channels_last)
        self.images, self.table, self.world = images, loss, world
        self.judge = PatchDiscriminator(network.config.image_channels).to(world.device, memory_format=torch.channels_last)
        self.judge_optimizer = torch.optim.AdamW(self.judge.parameters(), loss.discriminator_rate, (0.5, 0.9))

    def pictures(self, chosen: np.ndarray, device: torch.device) -> torch.Tensor:
        """Pictures [B,3,S,S] in [−1,1], channels last."""
        x = torch.from_numpy(np.array(self.images[chosen])).to(device).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
        return x.contiguous(memory_format=torch.channels_last)

    def loss(self, network: nn.Module, draw: Draw, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        x = self.pictures(draw.integers(len(self.images)).cpu().numpy(), draw.device)
        x = torch.where((draw.uniform() < 0.5).view(-1, 1, 1, 1), x.flip(3), x)
        dtype = next(network.parameters()).dtype
        r, regulariser = network(x.to(dtype), draw.normal(*self.network.config.latent_shape))
        total, parts = picture_loss(r, x, self.table)
        parts["regulariser"] = regulariser.item()
        return self.with_judge(total + self.table.regulariser_weight * regulariser, parts, x, r, step)

    def with_judge(
        self, total: torch.Tensor, parts: dict[str, float], x: torch.Tensor, r: torch.Tensor, step: int
    ) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss with its adversarial part, once that has begun; the discriminator takes its step first."""
        begin = self.table.adversarial_from
        if begin < 0:
            return total, parts
        parts["judge"] = self._teach_judge(x, r.detach()) if step >= begin else 0.0
        if step >= begin:
            total = total - self.table.adversarial_weight * self.judge(r).mean()
        return total, parts

    def _teach_judge(self, real: torch.Tensor, fake: torch.Tensor) -> float:
        """One step of the discriminator on this batch."""
        loss = hinge_loss(self.judge(real), self.judge(fake))
        gradients = torch.autograd.grad(loss, list(self.judge.parameters()))
        for parameter, gradient in zip(self.judge.parameters(), gradients):
            parameter.grad = gradient
        self.world.average([p.grad for p in self.judge.parameters()])
        self.judge_optimizer.step()
        return loss.item()

    def state(self) -> dict:
        if self.table.adversarial_from < 0:
            return {}
        return {"judge": self.judge.state_dict(), "optimizer": self.judge_optimizer.state_dict()}

    def load_state(self, state: dict) -> None:
        if state:
            self.judge.load_state_dict(state["judge"])
            self.judge_optimizer.load_state_dict(state["optimizer"])

    @torch.no_grad()
    def sheet(self, network: nn.Module, path: Path) -> None:
        """Rows of eight pictures, each above its reconstruction."""
        stride = max(1, len(self.images) // 32)
        pictures = np.array(self.images[::stride][:32])
        x = torch.from_numpy(pictures).to(self.world.device).permute(0, 3, 1, 2).float().div(127.5).sub(1)
        back = to_bytes(network.decode(network.encode(x.contiguous(memory_format=torch.channels_last))))
        rows = [part for k in range(0, len(pictures), 8) for part in (pictures[k : k + 8], back[k : k + 8])]
        save_picture(tile(np.concatenate(rows), 8), path)


def train_autoencoder(path: Path, folders: Folders, world: World, minutes: float | None = None, say=print) -> bool:
    """Trains what the TOML file describes in `runs/NAME`; True when it has ended."""
    experiment = load_config(AutoencoderExperiment, path)
    config = from_dict(AutoencoderConfig, experiment.model, f"{path}: [model]")
    if config.image_size != experiment.data.size:
        raise ConfigDoesNotFit(f"{path}: [model] image_size {config.image_size} is not [data] size {experiment.data.size}")
    torch.manual_seed(experiment.train.seed)
    network = Autoencoder(config)
    if experiment.weights:
        paths = [folders.find(name) for name in experiment.weights]
        load_into(network, read_shards(paths)[0], str(paths[0]))
    images = load_split(folders.find(experiment.data.dataset), "train", experiment.data.size).images
    task = AutoencoderTask(network, images, experiment.loss, world)
    tables = {key: value for key, value in asdict(experiment).items() if key not in ("train", "about", "weights")}
    run = Run(folders.run(experiment.name), task, experiment.train, describe(experiment.train, **tables), world)
    return run.train_to_end(minutes, None, say)


def trained_autoencoder(folders: Folders, run: str) -> Autoencoder:
    """The EMA autoencoder of a run in the work folder."""
    state = read_state(folders.find(f"runs/{run}") / "state.pt")
    network = Autoencoder(from_dict(AutoencoderConfig, state["config"]["model"], run))
    network.load_state_dict(state["ema"])
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def encode_dataset(
    autoencoder: Autoencoder,
    scale: float | None,
    folders: Folders,
    table: PictureTable,
    out: Path,
    world: World,
    say=print,
) -> float:
    """Writes the training split's latents to `out`; the scale factor, which is 1/std of them unless given."""
    split = load_split(folders.find(table.dataset), "train", table.size)
    autoencoder = autoencoder.to(world.device)
    latents = encode_images(autoencoder, split.images, world.device, say=say)
    scale = 1.0 / float(latents.astype(np.float32).std()) if scale is None else scale
    write_latents(out, latents, np.asarray(split.labels), scale, weights_hash(autoencoder))
    return scale
