"""Draws the images of every arm once and keeps what the metrics need: resumable, block by block.

An arm is one way to draw the plan's seeds: a model alone, or a light one that hands over to the heavy one at tau. What
is kept of each block: features [S,128], the classifier's view, and for the first `paired` seeds pixels, final latents
and some states along t. Coarse-to-fine arms share the light model's trajectory up to their tau.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import torch

from pretrain.evaluate.models import Models
from pretrain.evaluate.plan import EvaluationPlan
from pretrain.flow.sampler import sample, uniform_grid
from pretrain.train.sheet import start_states, to_bytes

BATCH = 50
#: What pictures and features are made of; changing the code that draws changes this number, and old blocks are redrawn.
VERSION = 1


@dataclass(frozen=True)
class Arm:
    """`light` draws while t < tau, `heavy` the rest; a model alone is `heavy` with tau = 0."""

    light: str
    heavy: str
    tau: float

    @property
    def name(self) -> str:
        return self.heavy if self.tau == 0 else f"{self.light}>{self.heavy}@{self.tau:g}"


def alone(model: str) -> Arm:
    return Arm(model, model, 0.0)


@dataclass(frozen=True)
class Block:
    """One block of an arm; row i is seed i of the block."""

    features: np.ndarray  # [S,D] f32
    seen_labels: np.ndarray  # [S]
    seen_values: np.ndarray  # [S,heads]
    pixels: np.ndarray  # [P,size,size,3] uint8
    latents: np.ndarray  # [P,C,H,W] f32, the scaled x1
    states: np.ndarray  # [T,P,C,H,W] f16, at the plan's grid indices


class Gallery:
    """Blocks of arms, drawn when they are first asked for, kept in `folder`."""

    def __init__(
        self,
        folder: Path,
        plan: EvaluationPlan,
        models: Models,
        look: Callable[[torch.Tensor, str], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]],
        look_id: str,
        say: Callable[[str], None],
    ) -> None:
        """look(x1, autoencoder name) → pixels, features, seen labels, seen values; `look_id` names its networks."""
        self.folder, self.plan, self.models, self.look, self.look_id, self.say = folder, plan, models, look, look_id, say

    def labels(self, block: int) -> np.ndarray:
        """Classes in turn: seed modulo the number of classes."""
        return np.array(self.plan.seeds(block), np.int64) % len(self.models.family["classes"])

    def block(self, arm: Arm, block: int) -> Block:
        path = self.folder / f"{arm.name}-{block}-{self._key(arm, block)}.npz"
        if not path.exists():
            self.say(f"drawing {arm.name}, block {block + 1} of {self.plan.blocks}")
            arrays = vars(self._draw(arm, block))
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(".tmp.npz")
            np.savez(temporary, **arrays)
            os.replace(temporary, path)
        with np.load(path) as arrays:
            return Block(**{name: arrays[name] for name in Block.__dataclass_fields__})

    def blocks(self, arm: Arm) -> list[Block]:
        return [self.block(arm, k) for k in range(self.plan.blocks)]

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _key(self, arm: Arm, block: int) -> str:
        """Changes with everything that changes the pictures."""
        light, heavy = self.models.velocity(arm.light), self.models.velocity(arm.heavy)
        plan = self.plan
        parts = [VERSION, light.sha256, heavy.sha256, arm.tau, plan.guidance, plan.points, plan.seeds(block).start]
        parts += [plan.samples, plan.paired, list(plan.cosine_at), str(self.models.dtype), self.look_id]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    def _draw(self, arm: Arm, block: int) -> Block:
        heavy = self.models.velocity(arm.heavy)
        seeds, labels = self.plan.seeds(block), self.labels(block)
        latent = self.models.family["latent"]
        shape = (latent["channels"], latent["height"], latent["width"])
        parts: list[tuple] = []
        for start in range(0, self.plan.samples, BATCH):
            chosen = range(seeds.start + start, seeds.start + min(start + BATCH, self.plan.samples))
            y = torch.from_numpy(labels[start : start + len(chosen)]).to(self.models.device)
            states = self._trajectory(arm, start_states(chosen, shape, self.models.device), y, block, start)
            x1 = states[-1]
            pixels, features, seen, values = self.look(x1, heavy.autoencoder)
            parts.append((features, seen, values, pixels, x1.cpu().numpy(), states.half().cpu().numpy()))
        features, seen, values, pixels, latents, states = zip(*parts)
        paired = self.plan.paired
        return Block(
            np.concatenate(features), np.concatenate(seen), np.concatenate(values), np.concatenate(pixels)[:paired],
            np.concatenate(latents)[:paired], np.concatenate(states, axis=1)[:, :paired],
        )

    def _trajectory(self, arm: Arm, x0: torch.Tensor, y: torch.Tensor, block: int, start: int) -> torch.Tensor:
        """States at `cosine_at`, the last one being x1: [T,B,C,H,W]."""
        plan = self.plan
        switch = plan.switch_index(arm.tau)
        stops = sorted({*plan.cosine_at, plan.points - 1})
        if arm.tau == 0:
            return torch.stack(self._run(arm.heavy, x0, y, 0, stops))
        before = [i for i in stops if i <= switch]
        after = [i for i in stops if i > switch]
        prefix = self._prefix(arm.light, x0, y, block, start)
        middle = [prefix[i] for i in before]
        if not after:
            return torch.stack(middle)
        return torch.stack([*middle, *self._run(arm.heavy, prefix[switch], y, switch, after)])

    def _run(self, model: str, x: torch.Tensor, y: torch.Tensor, first: int, stops: list[int]) -> list[torch.Tensor]:
        """States of one model at the grid indices `stops` > first, from x at index `first`."""
        shipped = self.models.velocity(model)
        grid = uniform_grid(self.plan.points)
        states, at = [], first
        for stop in stops:
            times = grid[at : stop + 1]
            network = shipped.network
            x = sample(network, network, 0.0, x, y, times, self.plan.guidance, shipped.null_label)
            states.append(x)
            at = stop
        return states

    def _prefix(self, light: str, x0: torch.Tensor, y: torch.Tensor, block: int, start: int) -> dict[int, torch.Tensor]:
        """The light model's states wherever some arm switches or is looked at, kept for the other arms of this light."""
        plan = self.plan
        switches = {plan.switch_index(tau) for tau in plan.taus if tau > 0}
        stops = sorted(i for i in {*plan.cosine_at, *switches, plan.points - 1} if 0 < i < plan.points)
        key = self._key(alone(light), block)
        path = self.folder / "prefixes" / f"{light}-{block}-{start}-{key}.npz"
        if not path.exists():
            states = self._run(light, x0, y, 0, stops)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(".tmp.npz")
            np.savez(temporary, stops=stops, states=torch.stack(states).cpu().numpy())
            os.replace(temporary, path)
        with np.load(path) as file:
            states = torch.from_numpy(file["states"]).to(self.models.device)
            return {int(stop): state for stop, state in zip(file["stops"], states)}
