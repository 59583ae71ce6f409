"""The training loop of every stage: AdamW on f32 weights, EMA, data parallel, resumable after a kill at any moment.

A run's folder holds `config.json`, `state.pt` (weights, optimizer, EMA, step), `loss.csv`, `loss.png`, `sheet.png` and,
once it has ended, `result.json`. State is written by rename every few minutes; chance depends on (seed, step) alone,
so a run that was killed and resumed gives the weights of an unbroken one, bit for bit on one machine.
"""

from __future__ import annotations

import copy
import fcntl
import json
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Callable, Iterator

import torch
import torch.nn as nn

from pretrain.distributed import World
from pretrain.errors import RunInUse, StateDoesNotFit, TrainingDiverged
from pretrain.train.average import update_average, warmed_decay
from pretrain.train.config import TrainConfig
from pretrain.train.curve import draw_curve
from pretrain.train.task import Task, draw_of_step


def make_optimizer(parameters: list[nn.Parameter], config: TrainConfig) -> torch.optim.AdamW:
    betas = (config.beta1, config.beta2)
    return torch.optim.AdamW(
        parameters, config.learning_rate, betas, config.eps, weight_decay=config.weight_decay, foreach=True
    )


class Run:
    """One training run in one folder. `config` (any JSON) identifies it: a state of another config is refused.
    `samples_before`: what the weights it starts from had already seen."""

    def __init__(
        self, folder: Path, task: Task, train: TrainConfig, config: dict, world: World, samples_before: int = 0
    ) -> None:
        self.folder, self.task, self.train, self.config, self.world = folder, task, train, config, world
        world.share_of(train.batch)
        self.weights = [p for p in task.network.parameters() if p.requires_grad]
        self.optimizer = make_optimizer(self.weights, train)
        #: Updates of the average before this run: a branch goes on with the one it takes over.
        self.average_from = 0
        self.average = [weight.detach().clone() for weight in self.weights]
        self.step = 0
        self.samples_before = samples_before
        self.seconds = 0.0
        self.last_loss = float("nan")
        self.working = task.network
        if train.precision == "bf16":
            self.working = copy.deepcopy(task.network)
            for parameter in self.working.parameters():
                parameter.data = parameter.data.bfloat16()  # buffers, such as position tables, stay f32
        self.copies = [p for p in self.working.parameters() if p.requires_grad]
        self.runner: Callable = self.working
        if world.device.type == "cuda" and hasattr(torch, "compile"):
            self.runner = torch.compile(self.working)

    @property
    def samples_seen(self) -> int:
        """By these weights, those before this run included."""
        return self.samples_before + self.step * self.train.batch

    # -- one step -----------------------------------------------------------------------------------------------------

    def advance(self) -> tuple[float, dict[str, float]]:
        """One optimizer step; the loss over the whole batch, and its parts over this process's share."""
        self.task.network.train()
        self.working.train()
        if self.copies[0] is not self.weights[0]:
            with torch.no_grad():
                for copied, weight in zip(self.copies, self.weights):
                    copied.copy_(weight)
        draw = draw_of_step(self.train.seed, self.step, self.train.batch, self.world)
        loss, parts = self.task.loss(self.runner, draw, self.step)
        for copied in self.copies:
            copied.grad = None
        loss.backward()
        for copied, weight in zip(self.copies, self.weights):
            weight.grad = torch.zeros_like(weight) if copied.grad is None else copied.grad.float()
        mean_loss = loss.detach().float()
        self.world.average([*(weight.grad for weight in self.weights), mean_loss])
        if self.train.clip_norm > 0:
            nn.utils.clip_grad_norm_(self.weights, self.train.clip_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = self.train.rate_at(self.step)
        self.optimizer.step()
        update_average(self.average, self.weights, warmed_decay(self.train.ema_decay, self.average_from + self.step))
        self.step += 1
        return mean_loss.item(), parts

    # -- state --------------------------------------------------------------------------------------------------------

    def averaged_network(self) -> nn.Module:
        """A copy of the network with the EMA weights, f32, in evaluation mode."""
        network = copy.deepcopy(self.task.network)
        with torch.no_grad():
            for parameter, value in zip([p for p in network.parameters() if p.requires_grad], self.average):
                parameter.copy_(value)
        return network.eval()

    def save(self) -> None:
        """Writes the state by rename. The main process alone writes."""
        if not self.world.is_main:
            return
        state = {
            "config": self.config,
            "network": self.task.network.state_dict(),
            "ema": self.averaged_network().state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "task": self.task.state(),
            "step": self.step,
            "average_from": self.average_from,
            "samples_before": self.samples_before,
            "seconds": self.seconds,
            "loss": self.last_loss,
        }
        temporary = self.folder / "state.pt.tmp"
        torch.save(state, temporary)
        os.replace(temporary, self.folder / "state.pt")

    def resume(self) -> bool:
        """Takes up `state.pt` if there is one. Throws StateDoesNotFit for a state of another configuration."""
        path = self.folder / "state.pt"
        if not path.exists():
            return False
        state = read_state(path)
        if state["config"] != json.loads(json.dumps(self.config)):
            raise StateDoesNotFit(
                f"{self.folder} holds a run of another configuration (its config.json says which); "
                "choose another folder or move that one away. Nothing was changed."
            )
        self.take(state)
        self.task.load_state(state["task"])
        self.step, self.seconds, self.last_loss = state["step"], state["seconds"], state["loss"]
        self.samples_before, self.average_from = state["samples_before"], state["average_from"]
        return True

    def take(self, state: dict) -> None:
        """Weights, EMA and optimizer moments of another state (also of another run, to branch from it). Throws
        StateDoesNotFit for that of another network."""
        try:
            self.task.network.load_state_dict(state["network"])
            names = [name for name, p in self.task.network.named_parameters() if p.requires_grad]
            self.average = [state["ema"][name].to(weight.device).clone() for name, weight in zip(names, self.weights)]
            self.optimizer.load_state_dict(state["optimizer"])
        except (RuntimeError, ValueError, KeyError) as error:
            raise StateDoesNotFit(f"{self.folder.name} cannot begin with the state of another network: {error!s:.300}") from None

    # -- the whole run ------------------------------------------------------------------------------------------------

    def train_to_end(self, minutes: float | None = None, branch: dict | None = None, say=print) -> bool:
        """Trains until `train.steps`, or for `minutes`; True when the run has ended. `branch` is the state of another
        run that a run without a state of its own begins with. Throws RunInUse, StateDoesNotFit, TrainingDiverged."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked(), _StopSign() as stop:
            ended = self._train(minutes, branch, stop, say)
            self.world.barrier()
        return ended

    def _train(self, minutes: float | None, branch: dict | None, stop: "_StopSign", say) -> bool:
        if not self.resume() and branch is not None:
            self.take(branch)
            batch = branch["config"]["train"]["batch"]
            self.samples_before = branch["samples_before"] + branch["step"] * batch
            self.average_from = branch["step"]
        if self.world.is_main:
            (self.folder / "config.json").write_text(json.dumps(self.config, indent=2) + "\n")
            self._forget_what_was_not_kept()
        begun = last_save = time.monotonic()
        seconds_before, first = self.seconds, self.step
        losses: list[float] = []
        while self.step < self.train.steps:
            loss, parts = self.advance()
            if loss != loss or loss in (float("inf"), float("-inf")):
                raise TrainingDiverged(
                    f"the loss of step {self.step} is {loss}: lower learning_rate ({self.train.learning_rate:g}). "
                    f"The state of {self.folder} is still the last good one."
                )
            losses.append(loss)
            now = time.monotonic()
            self.seconds = seconds_before + now - begun
            if self.step % self.train.log_every == 0 or self.step == self.train.steps:
                self.last_loss = sum(losses) / len(losses)
                losses = []
                self._log(parts, (self.step - first) * self.train.batch / (now - begun), say)
            if self.train.sheet_every and self.step % self.train.sheet_every == 0:
                self._sheet()
            due = now - last_save > self.train.save_minutes * 60
            over = stop.asked or (minutes is not None and now - begun > minutes * 60)
            if self.world.agree(over):
                break
            if due:
                self.save()
                last_save = now
        self.save()
        ended = self.step >= self.train.steps
        if ended and self.world.is_main and not (self.folder / "result.json").exists():  # a longer run has lost its own
            self._sheet()
            result = {"steps": self.step, "samples": self.samples_seen, "seconds": round(self.seconds, 1)}
            result |= {"loss": self.last_loss, "device": _device_name(self.world.device)}
            (self.folder / "result.json").write_text(json.dumps(result, indent=2) + "\n")
        return ended

    def _forget_what_was_not_kept(self) -> None:
        """Rows of the loss after the saved step, which are made again, and the result of a run that goes on."""
        path = self.folder / "loss.csv"
        if path.exists():
            head, *rows = path.read_text().splitlines()
            kept = [row for row in rows if row.split(",")[0].isdigit() and int(row.split(",")[0]) <= self.step]
            if len(kept) < len(rows):
                temporary = path.with_suffix(".tmp")
                temporary.write_text("\n".join([head, *kept]) + "\n")
                os.replace(temporary, path)
        if self.step < self.train.steps:
            (self.folder / "result.json").unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Holds the folder against a second training; the kernel lets go of it when the process ends, however it ends."""
        if not self.world.is_main:
            yield
            return
        with open(self.folder / "lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise RunInUse(f"another process trains in {self.folder}; wait for it or end it first") from None
            yield

    def _log(self, parts: dict[str, float], rate: float, say) -> None:
        if not self.world.is_main:
            return
        path = self.folder / "loss.csv"
        if not path.exists():
            path.write_text("step,samples,seconds,learning_rate,loss," + ",".join(parts) + "\n")
        row = [self.step, self.samples_seen, f"{self.seconds:.1f}"]
        row += [f"{self.train.rate_at(self.step - 1):.3e}", f"{self.last_loss:.5f}"]
        with open(path, "a") as file:
            file.write(",".join(map(str, [*row, *(f"{value:.5f}" for value in parts.values())])) + "\n")
        draw_curve(path, self.folder / "loss.png")
        words = " ".join(f"{name} {value:.4f}" for name, value in parts.items())
        say(f"{self.folder.name} {self.step}/{self.train.steps} {rate:.0f} samples/s loss {self.last_loss:.4f} {words}".rstrip())

    def _sheet(self) -> None:
        if self.world.is_main:
            self.task.sheet(self.averaged_network(), self.folder / "sheet.png")


def read_state(path: Path) -> dict:
    """A run's state. Throws StateDoesNotFit when the file cannot be read."""
    try:
        state = torch.load(path, map_location="cpu")
    except Exception as error:  # torch raises many kinds for a broken file
        raise StateDoesNotFit(f"{path} cannot be read ({error}); delete it to start that run again") from None
    if not isinstance(state, dict) or not {"config", "ema"} <= set(state):
        raise StateDoesNotFit(f"{path} is not the state of a run; move it away to start that run again")
    return state


def averaged_state(path: Path) -> dict[str, torch.Tensor]:
    """The EMA weights in a run's `state.pt`."""
    return read_state(path)["ema"]


def describe(train: TrainConfig, **tables: object) -> dict:
    """The JSON that identifies a run: everything that changes its weights. A run that never cools down is the same run
    whatever its length, so it can be made longer."""
    silent = {"log_every", "save_minutes", "sheet_every", *(() if train.decay_steps else ("steps",))}
    timeless = {key: value for key, value in asdict(train).items() if key not in silent}
    return json.loads(json.dumps({"train": timeless, **tables}))


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"


class _StopSign:
    """SIGTERM and SIGINT ask the loop to save and leave after the step in hand."""

    def __enter__(self) -> "_StopSign":
        self.asked = False
        self.before = {number: signal.signal(number, self._ask) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def _ask(self, _number: int, _frame: object) -> None:
        self.asked = True

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
