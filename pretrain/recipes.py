"""How trained weights came to be, in the words of the manifest: read off a run's state and configuration,
never typed.

A recipe is {data, steps, samples_seen, minutes, device, loss, seed, notes};
src/checkpoints/manifestEntries.ts says what each means.
"""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pretrain.errors import ConfigDoesNotFit, RunNotEnded
from pretrain.folders import Folders
from pretrain.train.config import TrainConfig
from pretrain.train.experiment import Experiment
from pretrain.train.loop import read_state


class TrainedRun:
    """A run's folder as the exporter reads it. Throws MissingFile, StateDoesNotFit, and RunNotEnded unless
    `unfinished` is allowed."""

    def __init__(self, folders: Folders, name: str, train: TrainConfig, unfinished: bool = False) -> None:
        self.folder = folders.find(f"runs/{name}")
        self.name, self.train = name, train
        self.state = read_state(folders.find(f"runs/{name}/state.pt"))
        steps, wanted = self.state["step"], train.steps
        result = self.folder / "result.json"
        self.result: dict[str, Any] = json.loads(result.read_text("utf-8")) if result.exists() else {}
        self.ended = bool(self.result) and steps >= wanted
        if not self.ended and not unfinished:
            raise RunNotEnded(
                f"the run {name} is at step {steps} of {wanted}: go on with it, or export it as it is "
                "with --allow-unfinished. Nothing was written"
            )

    @property
    def samples_seen(self) -> int:
        return self.state["samples_before"] + self.state["step"] * self.train.batch

    def recipe(self, data: str, notes: str, seconds: float | None = None) -> dict[str, Any]:
        """`seconds`: wall time, this run's own when it is not given."""
        loss = self.state["loss"]
        minutes = (self.state["seconds"] if seconds is None else seconds) / 60
        device = self.result.get("device", "not recorded, the run has not ended")
        return {
            "data": data,
            "steps": self.state["step"],
            "samples_seen": self.samples_seen,
            "minutes": max(0.1, round(minutes, 1)),
            "device": device.replace(", 1 threads", ", 1 thread"),
            "loss": round(loss, 5) if math.isfinite(loss) else None,
            "seed": self.train.seed,
            "notes": notes if self.ended else f"{notes}; not ended",
        }


def data_words(folder: Path, size: int) -> str:
    """The training split of a data set in words. Throws ConfigDoesNotFit for another kind of dataset.json."""
    try:
        about = json.loads((folder / "dataset.json").read_text("utf-8"))
        count, styles = about["splits"]["train"]["count"], len(about["styles"])
        version = ".".join(about["versions"]["@dicebear/core"].split(".")[:2])
        each = about["perClass"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigDoesNotFit(f"{folder}/dataset.json does not say what the data is ({error!r})") from None
    return f"{count:,} avatars drawn by DiceBear {version} ({styles} styles, {each:,} seeds each, {size} px)"


def subset_words(path: Path, data: str) -> str:
    """The data of a selection file in words. Throws ConfigDoesNotFit."""
    try:
        kept = len(json.loads(path.read_text("utf-8"))["indices"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigDoesNotFit(f"{path} is no selection ({error!r})") from None
    return f"{kept:,} of {data}, selection {path.stem}"


@dataclass(frozen=True)
class WallTime:
    """Seconds of training that are on record, and the samples that had been seen when the record began."""

    seconds: float
    since_samples: int


def time_on_record(folders: Folders, run: TrainedRun, branch: str) -> WallTime:
    """A run's own time and, when it is a branch, that of the run it left."""
    before = run.state["samples_before"]
    if not branch:
        return WallTime(run.state["seconds"], _record_began(_curve(folders, run.name), before))
    trunk = _curve(folders, branch)
    seconds = max((point.seconds for point in trunk if point.samples <= before), default=0.0)
    return WallTime(run.state["seconds"] + seconds, _record_began(trunk, before))


@dataclass(frozen=True)
class _Point:
    samples: int
    seconds: float


def _curve(folders: Folders, run: str) -> list[_Point]:
    """A run's loss.csv; empty where there is none."""
    path = folders.run(run) / "loss.csv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8") as file:
        return [_Point(int(row["samples"]), float(row["seconds"])) for row in csv.DictReader(file)]


def _record_began(curve: list[_Point], samples_before: int) -> int:
    """Samples seen one logging interval before the curve's first point; `samples_before` where it has fewer
    than two."""
    if len(curve) < 2:
        return samples_before
    return max(0, 2 * curve[0].samples - curve[1].samples)


def flow_notes(experiment: Experiment, samples_before: int, since_samples: int) -> str:
    """Objective, average and start of a flow model's run, and what its minutes leave out."""
    objective = experiment.objective
    early = f", {objective.below:.0%} of the times below tau = {objective.tau:g}" if objective.below else ""
    kinds = {
        "fm": f"flow matching loss{early}",
        "c2f": f"the paper's coarse-to-fine loss at tau = {objective.tau:g} beside {objective.heavy}",
        "distil": f"velocity distillation of {objective.heavy} on data and on its own trajectories",
    }
    words = [kinds[objective.kind], f"EMA weights, decay {experiment.train.ema_decay:g}"]
    if experiment.start.branch:
        words.append(f"a branch of {experiment.start.branch} after {samples_before:,} samples")
    elif samples_before > 0:
        words.append(f"began with weights of {samples_before:,} samples")
    if since_samples > 0:
        words.append(f"minutes count from sample {since_samples:,} on")
    return "; ".join(words)
