"""Integrates the plan's seeds with every arm once and keeps the states: resumable, a few dozen seeds at a time.

An arm is one way to draw the plan's seeds: a model alone, or one that hands over to another at tau.
Arms that begin with one model share its trajectory up to their tau. Nothing here decodes or looks at a picture, so
trajectories can be drawn before the decoder and the networks of the metrics are final, and outlast a change of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import torch

from pretrain.errors import ConfigDoesNotFit
from pretrain.evaluate.models import Models
from pretrain.evaluate.plan import EvaluationPlan
from pretrain.flow.sampler import sample, uniform_grid
from pretrain.train.sheet import start_states

#: Seeds integrated and kept together.
BATCH = 50
#: Changing the code that integrates changes this number, and old states are drawn again.
VERSION = 2


@dataclass(frozen=True)
class Arm:
    """`first` draws while t < tau, `last` the rest; a model alone is `last` with tau = 0."""

    first: str
    last: str
    tau: float

    @property
    def name(self) -> str:
        return self.last if self.tau == 0 else f"{self.first}>{self.last}@{self.tau:g}"


def alone(model: str) -> Arm:
    return Arm(model, model, 0.0)


def arm_of(name: str) -> Arm:
    """A model's name, or FIRST>LAST@TAU."""
    if ">" not in name:
        return alone(name)
    parts = re.fullmatch(r"([^>@]+)>([^>@]+)@([\d.]+)", name)
    if parts is None or not 0 <= float(parts[3]) <= 1:
        raise ConfigDoesNotFit(f"{name!r} is neither a model's name nor FIRST>LAST@TAU with a tau from 0 to 1")
    return Arm(parts[1], parts[2], float(parts[3]))


class Trajectories:
    """States of arms along t, integrated when they are first asked for, kept in `folder`."""

    def __init__(self, folder: Path, plan: EvaluationPlan, models: Models, say: Callable[[str], None]) -> None:
        self.folder, self.plan, self.models, self.say = folder, plan, models, say
        #: Grid indices of the states that are kept; the last one is x1.
        self.stops = sorted({*plan.cosine_at, plan.points - 1})

    def labels(self, block: int) -> np.ndarray:
        """Classes in turn: seed modulo the number of classes."""
        return np.array(self.plan.seeds(block), np.int64) % len(self.models.family["classes"])

    def starts(self) -> range:
        """First row of every part of a block."""
        return range(0, self.plan.samples, BATCH)

    def part(self, arm: Arm, block: int, start: int) -> torch.Tensor:
        """Rows start … start+BATCH−1 of a block: [T,B,C,H,W] f32 at `stops`; all but the last lose bits to f16."""
        path = self.folder / f"{arm.name}-{self.key(arm, block)}" / f"{block}-{start:05d}.npz"
        if not path.exists():
            states = self._draw(arm, block, start)
            _save(path, along=states[:-1].half().cpu().numpy(), x1=states[-1].cpu().numpy())
        with np.load(path) as kept:
            states = np.concatenate([kept["along"].astype(np.float32), kept["x1"][None]])
        return torch.from_numpy(states).to(self.models.device)

    def draw(self, arm: Arm) -> None:
        """Every part that is missing."""
        for block in range(self.plan.blocks):
            self.say(f"integrating {arm.name}, block {block + 1} of {self.plan.blocks}")
            for start in self.starts():
                self.part(arm, block, start)

    def key(self, arm: Arm, block: int) -> str:
        """Changes with everything that changes the states."""
        first, last = self.models.velocity(arm.first), self.models.velocity(arm.last)
        plan = self.plan
        parts = [VERSION, first.sha256, last.sha256, arm.tau, plan.guidance, plan.points, plan.seeds(block).start]
        parts += [plan.samples, list(plan.cosine_at), str(self.models.dtype)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    def _draw(self, arm: Arm, block: int, start: int) -> torch.Tensor:
        seeds = self.plan.seeds(block)
        chosen = range(seeds.start + start, min(seeds.start + start + BATCH, seeds.stop))
        latent = self.models.family["latent"]
        x0 = start_states(chosen, (latent["channels"], latent["height"], latent["width"]), self.models.device)
        y = torch.from_numpy(self.labels(block)[start : start + len(chosen)]).to(self.models.device)
        if arm.tau == 0:
            return torch.stack(self._run(arm.last, x0, y, 0, self.stops))
        switch = self.plan.switch_index(arm.tau)
        prefix = self._prefix(arm, x0, y, block, start)
        before = [prefix[i] for i in self.stops if i <= switch]
        after = [i for i in self.stops if i > switch]
        if not after:
            return torch.stack(before)
        return torch.stack([*before, *self._run(arm.last, prefix[switch], y, switch, after)])

    def _run(self, model: str, x: torch.Tensor, y: torch.Tensor, first: int, stops: list[int]) -> list[torch.Tensor]:
        """States of one model at the grid indices `stops` > first, from x at index `first`."""
        shipped = self.models.velocity(model)
        grid = uniform_grid(self.plan.points)
        states, at = [], first
        for stop in stops:
            network = shipped.network
            x = sample(network, network, 0.0, x, y, grid[at : stop + 1], self.plan.guidance, shipped.null_label)
            states.append(x)
            at = stop
        return states

    def _prefix(self, arm: Arm, x0: torch.Tensor, y: torch.Tensor, block: int, start: int) -> dict[int, torch.Tensor]:
        """The first model's states up to the switch, wherever some arm switches or is looked at, kept for other arms that
        begin with it; one that switches later goes on from the last of them."""
        plan, model = self.plan, arm.first
        switches = {plan.switch_index(tau) for tau in (*plan.taus, arm.tau) if tau > 0}
        path = self.folder / f"prefix-{model}-{self.key(alone(model), block)}" / f"{block}-{start:05d}.npz"
        kept: dict[int, torch.Tensor] = {}
        if path.exists():
            with np.load(path) as file:
                states = torch.from_numpy(file["states"]).to(self.models.device)
                kept = {int(stop): state for stop, state in zip(file["stops"], states)}
        missing = sorted(i for i in {*self.stops, *switches} - {*kept} if 0 < i <= plan.switch_index(arm.tau))
        if missing:
            first = max((i for i in kept if i < missing[0]), default=0)
            kept.update(zip(missing, self._run(model, kept.get(first, x0), y, first, missing)))
            stops = sorted(kept)
            _save(path, stops=stops, states=torch.stack([kept[i] for i in stops]).cpu().numpy())
        return kept


def _save(path: Path, **arrays) -> None:
    """An .npz, written by rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp.npz")
    np.savez(temporary, **arrays)
    os.replace(temporary, path)
