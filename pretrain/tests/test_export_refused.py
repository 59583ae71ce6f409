"""What does not fit is refused by name, and nothing is written then."""

from __future__ import annotations

import json
import shutil
import unittest
from unittest import mock

import numpy as np
import torch

from pretrain.data.latents import write_latents
from pretrain.errors import (
    BadSafetensors,
    BudgetExceeded,
    ConfigDoesNotFit,
    MissingFile,
    RunNotEnded,
    StateDoesNotFit,
)
from pretrain.export import Exporter
from pretrain.export_plan import read_plan
from pretrain.folders import CONFIGS, PROJECT, Folders
from pretrain.train.experiment import read_experiment
from pretrain.tests.export_case import DIT, ExportCase


class Refused(ExportCase):
    def test_a_run_that_has_not_ended_is_refused_unless_that_is_allowed(self) -> None:
        (self.root / "work" / "runs" / "plain" / "result.json").unlink()
        half = {"config": "half.toml", "group": "data"}
        self.assert_refused(RunNotEnded, "plain is at step 4 of 4", self.exporter([half, self.PLAIN]))
        self.exporter([self.PLAIN], unfinished=True).run([])
        recipe = self.family()["models"][0]["recipe"]
        self.assertIn("not recorded", recipe["device"])
        self.assertTrue(recipe["notes"].endswith("not ended"))

    def test_a_run_that_is_missing_is_named_and_left_out_only_when_that_is_allowed(self) -> None:
        shutil.rmtree(self.root / "work" / "runs" / "half")
        plan = [self.PLAIN, {"config": "half.toml", "group": "data"}]
        self.assert_refused(MissingFile, "runs/half", self.exporter(plan))
        self.assertEqual(self.exporter(plan, unfinished=True).run([]), ["plain"])

    def test_a_run_of_other_settings_than_its_configuration_is_refused(self) -> None:
        wider = DIT.format(name="plain", width=16, steps=4, subset="")
        self.root.joinpath("configs/plain.toml").write_text(wider)
        self.assert_refused(StateDoesNotFit, r"model\.hidden_size", self.exporter([self.PLAIN]))

    def test_latents_of_another_autoencoder_are_refused(self) -> None:
        latents = self.root / "work" / "latents" / "tiny.npz"
        write_latents(latents, np.zeros((16, 2, 4, 4), np.float16), np.zeros(16), 0.5, "0" * 64)
        self.assert_refused(ConfigDoesNotFit, "latents of the autoencoder 000", self.exporter([self.PLAIN]))

    def test_weights_that_f16_cannot_hold_are_refused(self) -> None:
        path = self.root / "work" / "runs" / "plain" / "state.pt"
        state = torch.load(path)
        state["ema"]["final_layer.linear.weight"][0, 0] = 1e6
        torch.save(state, path)
        half = {"config": "half.toml", "group": "data"}
        self.assert_refused(BadSafetensors, "final_layer.linear.weight", self.exporter([half, self.PLAIN]))

    def test_weights_that_do_not_fit_their_configuration_are_refused(self) -> None:
        path = self.root / "work" / "runs" / "plain" / "state.pt"
        state = torch.load(path)
        del state["ema"]["final_layer.linear.bias"]
        torch.save(state, path)
        self.assert_refused(BadSafetensors, "missing.*final_layer.linear.bias", self.exporter([self.PLAIN]))

    def test_weights_over_the_budget_are_refused(self) -> None:
        limits = self.root / "limits.json"
        numbers = {"firstPicture": 10**6, "family": 10**6, "variant": 1000, "wideVariant": 10**6, "headers": 0}
        limits.write_text(json.dumps({**numbers, "otherAutoencoder": 10**6, "file": 10**6}))
        with mock.patch("pretrain.checkpoints.manifest.LIMITS", limits):
            words = "plain would weigh .* the limit is 1,000"
            self.assert_refused(BudgetExceeded, words, self.exporter([self.PLAIN]))
            self.exporter([{**self.PLAIN, "group": "width"}]).run([])

    def test_a_plan_is_refused_for_what_it_cannot_mean(self) -> None:
        with self.assertRaisesRegex(ConfigDoesNotFit, "needs a group"):
            self.exporter([{"config": "plain.toml"}])
        with self.assertRaisesRegex(ConfigDoesNotFit, "two exports are called plain"):
            self.exporter([self.PLAIN, self.PLAIN])
        with self.assertRaisesRegex(ConfigDoesNotFit, "there is no 'other' to export; there is plain"):
            self.exporter([self.PLAIN]).run(["other"])
        foreign = {**self.PLAIN, "autoencoder": "other"}
        self.assert_refused(ConfigDoesNotFit, "wants the autoencoder other", self.exporter([foreign]))


class Plan(unittest.TestCase):
    def test_every_configuration_that_the_projects_plan_names_is_one(self) -> None:
        plan = read_plan(CONFIGS / "export.toml")
        exporter = Exporter(plan, Folders(PROJECT / ".train"), PROJECT / "public" / "models")
        self.assertIn("light", exporter.parts.known)
        for item in plan.model:
            experiment = read_experiment(CONFIGS / item.config)
            self.assertTrue(experiment.about.endswith("."), f"{item.config}: about is a sentence")


if __name__ == "__main__":
    unittest.main()
