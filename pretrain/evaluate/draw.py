"""Looks at the images of every arm once and keeps what the metrics need, block by block.

What is kept of each block: features [S,128], the classifier's view, and for the first `paired` seeds pixels, final
latents and some states along t.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import torch

from pretrain.evaluate.models import Models
from pretrain.evaluate.plan import EvaluationPlan
from pretrain.evaluate.trajectories import Arm, Trajectories


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
        look_id: Callable[[str], str],
        say: Callable[[str], None],
    ) -> None:
        """look(x1, autoencoder name) → pixels, features, seen labels, seen values; look_id(autoencoder name) changes with
        the networks that it looks with."""
        self.folder, self.plan, self.models, self.look, self.look_id, self.say = folder, plan, models, look, look_id, say
        self.trajectories = Trajectories(folder / "trajectories", plan, models, say)

    def labels(self, block: int) -> np.ndarray:
        return self.trajectories.labels(block)

    def block(self, arm: Arm, block: int) -> Block:
        path = self.folder / f"{arm.name}-{block}-{self._key(arm, block)}.npz"
        if not path.exists():
            self.say(f"drawing {arm.name}, block {block + 1} of {self.plan.blocks}")
            arrays = vars(self._look_at(arm, block))
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(".tmp.npz")
            np.savez(temporary, **arrays)
            os.replace(temporary, path)
        with np.load(path) as arrays:
            return Block(**{name: arrays[name] for name in Block.__dataclass_fields__})

    def blocks(self, arm: Arm) -> list[Block]:
        return [self.block(arm, k) for k in range(self.plan.blocks)]

    def _key(self, arm: Arm, block: int) -> str:
        """Changes with everything that changes the pictures or what is seen in them."""
        autoencoder = self.models.velocity(arm.last).autoencoder
        words = f"{self.trajectories.key(arm, block)} {self.plan.paired} {self.look_id(autoencoder)}"
        return hashlib.sha256(words.encode()).hexdigest()[:12]

    def _look_at(self, arm: Arm, block: int) -> Block:
        last, paired = self.models.velocity(arm.last), self.plan.paired
        parts: list[tuple] = []
        for start in self.trajectories.starts():
            states = self.trajectories.part(arm, block, start)
            pixels, features, seen, values = self.look(states[-1], last.autoencoder)
            parts.append((features, seen, values, pixels, states[-1].cpu().numpy(), states.half().cpu().numpy()))
        features, seen, values, pixels, latents, states = zip(*parts)
        return Block(
            np.concatenate(features), np.concatenate(seen), np.concatenate(values), np.concatenate(pixels)[:paired],
            np.concatenate(latents)[:paired], np.concatenate(states, axis=1)[:, :paired],
        )
