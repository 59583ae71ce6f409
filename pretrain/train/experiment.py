"""One flow model's training as a TOML file: model, data, objective, start, schedule."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from pretrain.checkpoints.safetensors import load_into, read_shards
from pretrain.config import load_config
from pretrain.data.latents import Latents, read_latents
from pretrain.distributed import World
from pretrain.errors import ConfigDoesNotFit, StateDoesNotFit
from pretrain.flow.inversion import INVERSION_STEPS, invert
from pretrain.flow.noise import STREAM_SHUFFLE, permutation
from pretrain.folders import Folders
from pretrain.models.autoencoder import load_autoencoder
from pretrain.models.build import build_velocity, null_label_of
from pretrain.train.autoencoder import trained_autoencoder
from pretrain.train.config import TrainConfig
from pretrain.train.distillation import CoarseToFineTask, DistillationTask, Seam
from pretrain.train.flow import FlowTask, Times
from pretrain.train.loop import Run, describe, read_state


@dataclass(frozen=True)
class DataTable:
    #: Latents file, relative to the work folder.
    latents: str
    #: A selection file {indices: […]}; all of the data when empty.
    subset: str = ""
    #: What decodes sample sheets: safetensors of encoder and decoder, or an autoencoder's "runs/NAME"; none when empty.
    autoencoder: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObjectiveTable:
    #: "fm", "c2f" (the paper's loss) or "distil" (velocity distillation).
    kind: str = "fm"
    #: The run of the heavy model that c2f and distil learn from.
    heavy: str = ""
    #: Switch time of c2f, and of fm where `below` says something.
    tau: float = 0.7
    #: Share of the times of fm that lie below tau; all times alike where nothing is said.
    below: float | None = None
    #: Inverted data points of c2f.
    seam_points: int = 8192
    #: Largest t and Euler steps of the own trajectories of distil.
    t_max: float = 1.0
    own_steps: int = 30

    def __post_init__(self) -> None:
        if not 0 < self.tau < 1:
            raise ConfigDoesNotFit(f"[objective] tau ({self.tau}) lies between 0 and 1")
        if self.below is not None and not 0 <= self.below <= 1:
            raise ConfigDoesNotFit(f"[objective] below ({self.below}) is a share, 0 to 1")
        if not 0 < self.t_max <= 1:
            raise ConfigDoesNotFit(f"[objective] t_max ({self.t_max}) is above 0 and at most 1")
        if self.seam_points < 1 or self.own_steps < 1:
            raise ConfigDoesNotFit(
                f"[objective] seam_points ({self.seam_points}) and own_steps ({self.own_steps}) must be 1 or more"
            )


@dataclass(frozen=True)
class StartTable:
    #: safetensors to start from (one name, or several shards); optimizer moments begin anew.
    weights: tuple[str, ...] = ()
    #: A run whose state (optimizer moments too) this one branches from.
    branch: str = ""
    #: Beginnings of names that keep their fresh values, where the weights are those of another latent space.
    fresh: tuple[str, ...] = ()
    #: Samples that those weights had already seen.
    samples_seen: int = 0


@dataclass(frozen=True)
class Experiment:
    name: str
    #: One sentence: what differs from the base run.
    about: str
    model: dict
    data: DataTable
    train: TrainConfig
    objective: ObjectiveTable = field(default_factory=ObjectiveTable)
    start: StartTable = field(default_factory=StartTable)


def read_experiment(path: Path) -> Experiment:
    return load_config(Experiment, path)


def identity_of(experiment: Experiment) -> dict:
    """What a state of this experiment says of itself: everything that changes the weights a run of it ends with, but where
    it started."""
    tables = {key: value for key, value in asdict(experiment).items() if key not in ("train", "about", "start")}
    del tables["data"]["autoencoder"]  # changes sheets, not weights
    if tables["objective"]["below"] is None:
        del tables["objective"]["below"]  # runs from before there was such a share go on
    return describe(experiment.train, **tables)


def selected(latents: Latents, path: Path) -> Latents:
    """The latents that a selection file keeps. Throws ConfigDoesNotFit."""
    try:
        indices = np.array(json.loads(path.read_text())["indices"], np.int64)
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigDoesNotFit(f"{path} is no selection: {error!r}") from None
    if len(indices) == 0 or indices.min() < 0 or indices.max() >= len(latents.x1):
        raise ConfigDoesNotFit(f"{path} selects {len(indices)} samples that are not all among {len(latents.x1)}")
    return latents.subset(indices)


def trained_network(folders: Folders, run: str) -> torch.nn.Module:
    """The EMA network of a run in the work folder."""
    folder = folders.find(f"runs/{run}")
    state = read_state(folder / "state.pt")
    network = build_velocity(state["config"]["model"], str(folder))
    network.load_state_dict(state["ema"])
    return network.eval().requires_grad_(False)


def invert_to_seam(heavy: torch.nn.Module, latents: Latents, table: ObjectiveTable, device: torch.device) -> Seam:
    """x_tau of `seam_points` samples with 18 Euler steps, and the heavy velocity there.

    The samples are the first of a permutation: classes lie in turn, so that every second sample is every second class.
    """
    chosen = latents.subset(permutation(0, STREAM_SHUFFLE, len(latents.x1))[: table.seam_points])
    x1, labels = chosen.x1, chosen.labels
    states, velocities = [], []
    for start in range(0, len(x1), 128):
        y = labels[start : start + 128].to(device)
        with torch.no_grad():
            x_tau = invert(heavy, x1[start : start + 128].to(device), y, table.tau, INVERSION_STEPS)[-1]
            velocities.append(heavy(x_tau, torch.full((len(y),), table.tau, device=device), y).cpu())
        states.append(x_tau.cpu())
    return Seam(table.tau, torch.cat(states), torch.cat(velocities), labels)


def seam_id(heavy: torch.nn.Module, latents: Latents, table: ObjectiveTable) -> str:
    """Changes with everything that changes the inverted data: tau, how many points, the heavy weights, the latents."""
    digest = hashlib.sha256(f"{table.tau} {table.seam_points} {INVERSION_STEPS}".encode())
    for tensor in (*heavy.state_dict().values(), latents.x1, latents.labels):
        digest.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


def seam_of(experiment: Experiment, folders: Folders, latents: Latents, heavy, world: World) -> Seam:
    """The inverted data of a run, kept beside its state and made anew where it is that of another tau, heavy model or
    data. Throws StateDoesNotFit for a file that cannot be read."""
    path = folders.run(experiment.name) / "seam.pt"
    identity = seam_id(heavy, latents, experiment.objective)
    if path.exists():
        try:
            kept = torch.load(path)
            known = kept.pop("identity", None)
        except Exception as error:  # torch raises many kinds for a broken file
            raise StateDoesNotFit(f"{path} cannot be read ({error!r:.200}); delete it to invert the data again") from None
        if known == identity:
            return Seam(**kept)
    seam = invert_to_seam(heavy, latents, experiment.objective, world.device)
    world.barrier()  # nobody reads the old file any more
    if world.is_main:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({**vars(seam), "identity": identity}, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").rename(path)
    return seam


def check_fit(experiment: Experiment, network: torch.nn.Module, latents: Latents) -> None:
    """Throws ConfigDoesNotFit where the network's states or classes are not those of the latents."""
    config, (_, channels, height, width) = network.config, latents.x1.shape
    if (config.in_channels, config.input_size, config.input_size) != (channels, height, width):
        raise ConfigDoesNotFit(
            f"{experiment.name}: the network takes states of {config.in_channels}x{config.input_size}x{config.input_size}, "
            f"the latents {experiment.data.latents} are {channels}x{height}x{width}"
        )
    most = int(latents.labels.max())
    if most >= null_label_of(network):
        raise ConfigDoesNotFit(
            f"{experiment.name}: the latents have a class {most}, which num_classes = {config.num_classes} leaves no place for"
        )


def make_task(experiment: Experiment, folders: Folders, decode, world: World) -> FlowTask:
    """Network, data and loss of an experiment. Throws ConfigDoesNotFit, MissingFile, BadSafetensors."""
    torch.manual_seed(experiment.train.seed)
    network = build_velocity(experiment.model, experiment.name)
    if experiment.start.weights and not experiment.start.branch:
        paths = [folders.find(name) for name in experiment.start.weights]
        tensors = read_shards(paths)[0]
        for name, value in network.state_dict().items():
            if name.startswith(experiment.start.fresh):
                tensors[name] = value.numpy()
        load_into(network, tensors, str(paths[0]))
    latents = read_latents(folders.find(experiment.data.latents))
    check_fit(experiment, network, latents)
    if experiment.data.subset:
        latents = selected(latents, folders.find(experiment.data.subset))
    objective = experiment.objective
    if objective.kind == "fm":
        times = None if objective.below is None else Times(objective.tau, objective.below)
        return FlowTask(network, latents, decode, world.device, times)
    if objective.below is not None:
        raise ConfigDoesNotFit(f"{experiment.name}: 'below' is for the objective 'fm', not {objective.kind!r}")
    if objective.kind not in ("c2f", "distil"):
        raise ConfigDoesNotFit(f"{experiment.name}: objective is 'fm', 'c2f' or 'distil', not {objective.kind!r}")
    if not objective.heavy:
        raise ConfigDoesNotFit(f"{experiment.name}: the objective {objective.kind!r} needs the run of a 'heavy' model")
    if objective.kind == "distil" and experiment.train.batch < 2:
        raise ConfigDoesNotFit(f"{experiment.name}: 'distil' halves the batch, so it takes 2 samples or more")
    heavy = trained_network(folders, objective.heavy).to(world.device)
    if experiment.train.precision == "bf16":
        for parameter in heavy.parameters():
            parameter.data = parameter.data.bfloat16()
    if objective.kind == "c2f":
        seam = seam_of(experiment, folders, latents, heavy, world)
        return CoarseToFineTask(network, latents, decode, world.device, seam)
    return DistillationTask(network, latents, decode, world.device, heavy, objective.t_max, objective.own_steps)


def decoder_of(table: DataTable, folders: Folders, world: World):
    """x1 → images in [−1,1] for sample sheets, or None."""
    if not table.autoencoder:
        return None
    first = table.autoencoder[0]
    if first.startswith("runs/"):
        autoencoder = trained_autoencoder(folders, first.removeprefix("runs/"))
    else:
        autoencoder = load_autoencoder([folders.find(name) for name in table.autoencoder])
    autoencoder = autoencoder.to(world.device)
    scale = read_latents(folders.find(table.latents)).scale_factor

    def decode(x1: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return autoencoder.decode((x1 / scale).contiguous(memory_format=torch.channels_last))

    return decode


def train_experiment(path: Path, folders: Folders, world: World, minutes: float | None = None, say=print) -> bool:
    """Trains what the TOML file describes in `runs/NAME`; True when it has ended."""
    experiment = read_experiment(path)
    task = make_task(experiment, folders, decoder_of(experiment.data, folders, world), world)
    identity = identity_of(experiment)
    run = Run(folders.run(experiment.name), task, experiment.train, identity, world, experiment.start.samples_seen)
    branch = None
    if experiment.start.branch:
        branch = read_state(folders.find(f"runs/{experiment.start.branch}") / "state.pt")
    return run.train_to_end(minutes, branch, say)
