"""How long and how fast to train: the [train] table of every stage."""

from __future__ import annotations

from dataclasses import dataclass

from pretrain.errors import ConfigDoesNotFit


@dataclass(frozen=True)
class TrainConfig:
    steps: int
    batch: int
    learning_rate: float
    seed: int = 0
    warmup_steps: int = 200
    #: The rate stays level and falls linearly to 0 over the last `decay_steps`.
    decay_steps: int = 0
    beta1: float = 0.9
    beta2: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0.0
    ema_decay: float = 0.9999
    #: Largest gradient norm; 0 leaves gradients as they are.
    clip_norm: float = 1.0
    #: "bf16" steps a bf16 copy of f32 weights, "f32" the weights themselves.
    precision: str = "bf16"
    log_every: int = 100
    save_minutes: float = 4.0
    #: A sheet of samples every so many steps; 0 writes one at the end alone.
    sheet_every: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ConfigDoesNotFit(f"[train] steps ({self.steps}) and batch ({self.batch}) must be 1 or more")
        if not (self.learning_rate > 0 and self.weight_decay >= 0 and 0 <= self.ema_decay < 1 and self.clip_norm >= 0):
            raise ConfigDoesNotFit(
                f"[train] learning_rate ({self.learning_rate}) is above 0, weight_decay ({self.weight_decay}) and clip_norm "
                f"({self.clip_norm}) are 0 or more, ema_decay ({self.ema_decay}) is from 0 to below 1"
            )
        if self.log_every < 1 or min(self.warmup_steps, self.decay_steps, self.sheet_every) < 0:
            raise ConfigDoesNotFit(
                f"[train] log_every ({self.log_every}) must be 1 or more; warmup_steps, decay_steps and sheet_every 0 or more"
            )
        if self.decay_steps > self.steps:
            raise ConfigDoesNotFit(f"[train] decay_steps ({self.decay_steps}) are more than steps ({self.steps})")
        if self.precision not in ("bf16", "f32"):
            raise ConfigDoesNotFit(f"[train] precision is 'bf16' or 'f32', not {self.precision!r}")

    def rate_at(self, step: int) -> float:
        """Learning rate of step 0, 1, …: linear warm-up, level, linear decay."""
        warm = min(1.0, (step + 1) / max(1, self.warmup_steps))
        cool = min(1.0, (self.steps - step) / max(1, self.decay_steps))
        return self.learning_rate * warm * cool
