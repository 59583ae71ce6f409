"""The loop on a tiny DiT: resumed equals unbroken, two processes equal one, hostile folders are refused."""

import csv
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from pretrain.checkpoints.safetensors import write_safetensors
from pretrain.data.latents import write_latents
from pretrain.distributed import World
from pretrain.errors import BadSafetensors, ConfigDoesNotFit, RunInUse, StateDoesNotFit, TrainingDiverged
from pretrain.folders import PROJECT, Folders
from pretrain.train.config import TrainConfig
from pretrain.train.loop import Run, averaged_state
from pretrain.train.experiment import make_task, read_experiment, train_experiment
from pretrain.train.task import Task

CONFIG = """
name = "tiny"
about = "A test."
[model]
architecture = "dit"
input_size = 4
patch_size = 2
in_channels = 2
hidden_size = 8
depth = 1
num_heads = 1
num_classes = 2
[data]
latents = "latents/tiny.npz"
[train]
steps = 20
batch = 8
learning_rate = 1e-2
warmup_steps = 2
decay_steps = 5
precision = "f32"
log_every = 1
"""


def lone_world() -> World:
    return World(0, 1, torch.device("cpu"))


class LoopTest(unittest.TestCase):
    def setUp(self):
        torch.set_num_threads(1)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.work = Path(temporary.name)
        rng = np.random.default_rng(0)
        latents = rng.standard_normal((32, 2, 4, 4)).astype(np.float16)
        write_latents(self.work / "latents/tiny.npz", latents, np.arange(32) % 2, 1.0, "none")
        self.config = self.work / "tiny.toml"
        self.config.write_text(CONFIG)

    def train(self, **changes) -> dict[str, torch.Tensor]:
        words = CONFIG
        for key, value in changes.items():
            words = "\n".join(f"{key} = {value}" if line.startswith(f"{key} =") else line for line in words.split("\n"))
        self.config.write_text(words)
        self.assertTrue(train_experiment(self.config, Folders(self.work), lone_world(), say=lambda _: None))
        return averaged_state(self.work / "runs/tiny/state.pt")

    def losses(self, work=None) -> list[float]:
        with open((work or self.work) / "runs/tiny/loss.csv") as file:
            return [float(row["loss"]) for row in csv.DictReader(file)]

    def test_the_loss_falls_and_the_run_leaves_its_results(self):
        self.train(steps=300, decay_steps=100)
        losses = self.losses()
        self.assertLess(np.mean(losses[-100:]), np.mean(losses[:100]) - 0.05)
        result = json.loads((self.work / "runs/tiny/result.json").read_text())
        self.assertEqual((result["steps"], result["samples"]), (300, 2400))
        self.assertTrue((self.work / "runs/tiny/loss.png").exists())

    def test_killed_without_warning_and_resumed_it_gives_the_weights_of_an_unbroken_run(self):
        self.check_resumption("fm")

    def test_a_distillation_resumes_its_own_trajectories_too(self):
        self.check_resumption("distil")

    def check_resumption(self, objective):
        folders = Folders(self.work)
        if objective == "distil":
            self.config.write_text(CONFIG.replace('"tiny"', '"teacher"'))
            train_experiment(self.config, folders, lone_world(), say=lambda _: None)
        words = CONFIG + f'[objective]\nkind = "{objective}"\nheavy = "teacher"\nown_steps = 4\n'
        self.config.write_text(words)
        train_experiment(self.config, folders, lone_world(), say=lambda _: None)
        (self.work / "runs/tiny").rename(self.work / f"runs/unbroken-{objective}")

        class Killed(Exception):
            pass

        def kill_at_12(line):
            if "12/20" in line:
                raise Killed  # nothing after the last save survives, as after SIGKILL

        hasty = words.replace("log_every = 1", "log_every = 1\nsave_minutes = 0.0")
        self.config.write_text(hasty)
        with self.assertRaises(Killed):
            train_experiment(self.config, folders, lone_world(), say=kill_at_12)
        self.config.write_text(words)
        train_experiment(self.config, folders, lone_world(), say=lambda _: None)
        whole = averaged_state(self.work / f"runs/unbroken-{objective}/state.pt")
        resumed = averaged_state(self.work / "runs/tiny/state.pt")
        for name in whole:
            torch.testing.assert_close(resumed[name], whole[name], rtol=0, atol=0, msg=name)

    def test_two_processes_train_to_the_loss_of_one(self):
        self.train()
        alone = self.losses()
        (self.work / "runs/tiny").rename(self.work / "runs/alone")
        command = ["flow", str(self.config), "--work", str(self.work), "--threads", "1"]
        subprocess.run(
            [sys.executable, "-m", "pretrain.launch", "--processes", "2", *command],
            cwd=PROJECT, check=True, capture_output=True, timeout=120,
        )
        weights = averaged_state(self.work / "runs/tiny/state.pt")
        for name, value in averaged_state(self.work / "runs/alone/state.pt").items():
            # sums in another order: f32 rounding over 20 steps
            torch.testing.assert_close(weights[name], value, rtol=1e-3, atol=1e-4, msg=name)
        np.testing.assert_allclose(self.losses(), alone, rtol=1e-4)

    def test_a_batch_that_two_processes_cannot_share_is_refused(self):
        with self.assertRaises(ConfigDoesNotFit):
            World(0, 3, torch.device("cpu")).share_of(8)

    def test_a_branch_takes_over_weights_moments_and_the_count_of_samples(self):
        self.train(decay_steps=0)
        words = CONFIG.replace('name = "tiny"', 'name = "branch"') + '[start]\nbranch = "tiny"\n'
        self.config.write_text(words.replace("steps = 20", "steps = 1"))
        self.config.write_text(self.config.read_text().replace("decay_steps = 5", "decay_steps = 1"))
        train_experiment(self.config, Folders(self.work), lone_world(), say=lambda _: None)
        result = json.loads((self.work / "runs/branch/result.json").read_text())
        self.assertEqual(result["samples"], 21 * 8)

    def test_weights_of_another_latent_space_lend_their_blocks_and_nothing_else(self):
        trained = self.train()
        weights = {name: value.numpy() for name, value in trained.items()}
        write_safetensors(self.work / "start.safetensors", weights)
        wide = np.random.default_rng(1).standard_normal((32, 4, 4, 4)).astype(np.float16)
        write_latents(self.work / "latents/wide.npz", wide, np.arange(32) % 2, 1.0, "none")
        words = CONFIG.replace("in_channels = 2", "in_channels = 4").replace("tiny.npz", "wide.npz")
        words += '[start]\nweights = ["start.safetensors"]\nfresh = ["x_embedder.", "final_layer."]\n'
        self.config.write_text(words)
        task = make_task(read_experiment(self.config), Folders(self.work), None, lone_world())
        for name, value in task.network.state_dict().items():
            if not name.startswith(("x_embedder.", "final_layer.")):
                torch.testing.assert_close(value, trained[name], msg=name)
        self.config.write_text(words.replace('fresh = ["x_embedder.", "final_layer."]', ""))
        with self.assertRaisesRegex(BadSafetensors, "misshapen"):
            make_task(read_experiment(self.config), Folders(self.work), None, lone_world())

    def test_a_run_that_never_cools_down_can_be_made_longer(self):
        self.train(decay_steps=0)
        self.train(decay_steps=0, steps=30)
        self.assertEqual(len(self.losses()), 30)
        self.assertEqual(json.loads((self.work / "runs/tiny/result.json").read_text())["steps"], 30)

    def test_losses_after_the_saved_step_are_not_counted_twice(self):
        self.train(decay_steps=0)
        state = torch.load(self.work / "runs/tiny/state.pt")
        torch.save({**state, "step": 12}, self.work / "runs/tiny/state.pt")
        self.train(decay_steps=0)
        with open(self.work / "runs/tiny/loss.csv") as file:
            self.assertEqual([int(row["step"]) for row in csv.DictReader(file)], list(range(1, 21)))

    def test_a_network_that_does_not_fit_the_latents_is_refused_before_anything_is_written(self):
        for line, other, words in (
            ("in_channels = 2", "in_channels = 4", "takes states of 4x4x4"),
            ("input_size = 4", "input_size = 8", "takes states of 2x8x8"),
            ("num_classes = 2", "num_classes = 1", "a class 1"),
        ):
            self.config.write_text(CONFIG.replace(line, other))
            with self.assertRaisesRegex(ConfigDoesNotFit, words):
                train_experiment(self.config, Folders(self.work), lone_world(), say=lambda _: None)
        self.assertFalse((self.work / "runs").exists())

    def test_numbers_that_mean_nothing_are_refused_by_name(self):
        objective = '[objective]\nkind = "distil"\nheavy = "tiny"\n'
        for line, other, words in (
            ("depth = 1", "depth = -1", "depth is -1"),
            ("hidden_size = 8", "hidden_size = 0", "hidden_size is 0"),
            ("log_every = 1", "log_every = 0", "log_every"),
            ("learning_rate = 1e-2", "learning_rate = -1.0", "learning_rate"),
            ("[train]", objective + "t_max = 2.0\n[train]", "t_max"),
            ("[train]", objective + "own_steps = 0\n[train]", "own_steps"),
            ("[train]", objective + "tau = 1.5\n[train]", "tau"),
            ("[train]", '[objective]\nkind = "c2f"\n[train]', "needs the run of a 'heavy' model"),
            ('name = "tiny"', 'name = "../tiny"', "a run's name"),
            ('name = "tiny"', 'extends = 5\nname = "tiny"', "extends is the name of a file"),
        ):
            self.config.write_text(CONFIG.replace(line, other))
            with self.assertRaisesRegex(ConfigDoesNotFit, words):
                train_experiment(self.config, Folders(self.work), lone_world(), say=lambda _: None)

    def test_damaged_latents_and_a_file_that_is_no_state_are_named(self):
        self.train()
        torch.save({"state_dict": 1}, self.work / "runs/tiny/state.pt")
        with self.assertRaisesRegex(StateDoesNotFit, "is not the state of a run"):
            self.train()
        latents = self.work / "latents/tiny.npz"
        latents.write_bytes(latents.read_bytes()[:-200])
        with self.assertRaisesRegex(StateDoesNotFit, "make the latents again"):
            self.train()

    def test_a_state_of_another_configuration_is_refused_and_left_alone(self):
        self.train()
        before = (self.work / "runs/tiny/state.pt").read_bytes()
        with self.assertRaisesRegex(StateDoesNotFit, "another configuration"):
            self.train(learning_rate=5e-3)
        self.assertEqual((self.work / "runs/tiny/state.pt").read_bytes(), before)

    def test_a_broken_state_is_a_named_error(self):
        (self.work / "runs/tiny").mkdir(parents=True)
        (self.work / "runs/tiny/state.pt").write_bytes(b"not a state")
        with self.assertRaisesRegex(StateDoesNotFit, "cannot be read"):
            self.train()

    def test_two_trainings_cannot_share_a_folder(self):
        self.train()
        with open(self.work / "runs/tiny/lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self.assertRaises(RunInUse):
                self.train()

    def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_last_state(self):
        train = TrainConfig(steps=3, batch=1, learning_rate=1e-3, precision="f32")
        run = Run(self.work / "runs/nan", _Explodes(), train, {}, lone_world())
        with self.assertRaisesRegex(TrainingDiverged, "learning_rate"):
            run.train_to_end(say=lambda _: None)

    def test_asked_to_stop_it_saves_and_says_by_its_exit_status_that_it_has_not_ended(self):
        self.config.write_text(CONFIG.replace("steps = 20", "steps = 100000"))
        command = [sys.executable, "-m", "pretrain", "flow", str(self.config), "--work", str(self.work)]
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
        process.stdout.readline()  # the first step is done
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3)
        self.assertTrue((self.work / "runs/tiny/state.pt").exists())

    def test_the_rate_warms_up_stays_level_and_cools_down(self):
        train = TrainConfig(steps=100, batch=1, learning_rate=1.0, warmup_steps=10, decay_steps=20)
        self.assertEqual(train.rate_at(0), 0.1)
        self.assertEqual(train.rate_at(50), 1.0)
        self.assertEqual(train.rate_at(90), 0.5)
        self.assertAlmostEqual(train.rate_at(99), 0.05)
        with self.assertRaises(ConfigDoesNotFit):
            replace(train, decay_steps=101)


class _Explodes(Task):
    def __init__(self) -> None:
        self.network = torch.nn.Linear(1, 1)

    def loss(self, network, draw, step):
        return network(torch.ones(1, 1)).sum() * float("nan"), {}


if __name__ == "__main__":
    unittest.main()
