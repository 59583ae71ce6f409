"""The two ways to train a light model that knows its heavy one (method §5): stages `c2f` and `distil`."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn as nn

from pretrain.data.latents import Latents
from pretrain.flow.losses import SEAM_WEIGHT, T_EPS, flow_matching, per_sample
from pretrain.flow.path import interpolate
from pretrain.models.build import label_dropout_of, null_label_of
from pretrain.train.flow import FlowTask, drop_labels
from pretrain.train.task import Draw


@dataclass(frozen=True)
class Seam:
    """Inverted data at the switch time, and the heavy model's velocity there. All constants of the training."""

    tau: float
    states: torch.Tensor  # x_tau [M,C,H,W]
    velocity: torch.Tensor  # v_heavy(x_tau, tau, y) [M,C,H,W]
    labels: torch.Tensor  # [M]


class CoarseToFineTask(FlowTask):
    """The paper's loss: FM on t ~ U(1e-4, τ) + 0.1·‖v_C(x_τ, τ) − v_F(x_τ, τ)‖², x_τ by inversion of data."""

    def __init__(self, network: nn.Module, latents: Latents, decode, device: torch.device, seam: Seam) -> None:
        super().__init__(network, latents, decode, device)
        self.tau = seam.tau
        self.states, self.velocity = seam.states.to(device), seam.velocity.to(device)
        self.seam_labels = seam.labels.to(device)

    def loss(self, network: nn.Module, draw: Draw, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        x0, x1, unit, y = self.batch(draw)
        matching = flow_matching(network, x0, x1, T_EPS + (self.tau - T_EPS) * unit, y).mean()
        chosen = draw.integers(len(self.states))
        x_tau = self.states[chosen]
        at_tau = torch.full((len(x_tau),), self.tau, device=x_tau.device)
        velocity = network(x_tau, at_tau, self.seam_labels[chosen])
        seam = per_sample(velocity, self.velocity[chosen]).mean()
        return matching + SEAM_WEIGHT * seam, {"fm": matching.item(), "seam": seam.item()}


class DistillationTask(FlowTask):
    """‖v_C(x, t, y) − v_F(x, t, y)‖² with the heavy velocity as target, half of the batch on paths of data, half on the
    light model's own trajectories.

    The own trajectories are a pool of states that all advance by one Euler step of `own_steps` whenever they are
    trained on, with the velocity the light model has just given, and begin again from noise at t = 1: on-policy states
    for no extra evaluation. (Several processes each have their own pool; resumed, they all take up the main one's.)
    The paper trains t < τ alone; here t runs over [0, t_max], because the page also draws with the light model alone,
    and any τ can be chosen there.
    """

    def __init__(
        self,
        network: nn.Module,
        latents: Latents,
        decode,
        device: torch.device,
        heavy: nn.Module,
        t_max: float,
        own_steps: int,
    ) -> None:
        super().__init__(network, latents, decode, device)
        self.heavy = heavy.to(device)
        self.t_max, self.own_steps = t_max, own_steps
        self.pool: dict[str, torch.Tensor] | None = None

    def _start_pool(self, half: int, draw: Draw) -> dict[str, torch.Tensor]:
        """Noise at t = 0, with a start delayed by 0 … own_steps−1 steps, so that the pool covers all times later on."""
        wait = draw.integers(self.own_steps)[half:]
        y = self.labels[draw.integers(len(self.labels))[half:]]
        return {"x": draw.normal(*self.x1.shape[1:])[half:], "at": -wait, "y": y}

    def loss(self, network: nn.Module, draw: Draw, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        x0, x1, unit, y = self.batch(draw)
        share = len(x1)
        half = share // 2
        if self.pool is None:
            self.pool = self._start_pool(half, draw)
        pool = self.pool
        pool_t = pool["at"].clamp(min=0).float() * (self.t_max / self.own_steps)
        data_t = unit[:half] * self.t_max
        x = torch.cat([interpolate(x0[:half], x1[:half], data_t), pool["x"]])
        t = torch.cat([data_t, pool_t])
        labels = torch.cat([y[:half], pool["y"]])
        with torch.no_grad():
            target = self.heavy(x, t, labels)
        velocity = network(x, t, labels)
        errors = per_sample(velocity, target)
        self._advance_pool(velocity[half:].detach(), draw, half)
        return errors.mean(), {"data": errors[:half].mean().item(), "own": errors[half:].mean().item()}

    def _advance_pool(self, velocity: torch.Tensor, draw: Draw, half: int) -> None:
        """One Euler step of every trajectory that has begun; the finished ones begin again from noise."""
        pool = self.pool
        begun = (pool["at"] >= 0).view(-1, 1, 1, 1)
        x = torch.where(begun, pool["x"] + velocity * (self.t_max / self.own_steps), pool["x"])
        at = pool["at"] + 1
        done = at >= self.own_steps
        noise = draw.normal(*self.x1.shape[1:])[half:]
        labels = self.labels[draw.integers(len(self.labels))]
        fresh = drop_labels(labels, draw, label_dropout_of(self.network), null_label_of(self.network))[half:]
        self.pool = {
            "x": torch.where(done.view(-1, 1, 1, 1), noise, x),
            "at": torch.where(done, torch.zeros_like(at), at),
            "y": torch.where(done, fresh, pool["y"]),
        }

    def state(self) -> dict:
        return {} if self.pool is None else {name: value.cpu() for name, value in self.pool.items()}

    def load_state(self, state: dict) -> None:
        device = self.x1.device
        self.pool = {name: value.to(device) for name, value in state.items()} if state else None
