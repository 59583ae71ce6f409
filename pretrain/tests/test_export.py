"""Exporting tiny trained runs: what is written."""

from __future__ import annotations

import hashlib
import json
import shutil
import unittest
from unittest import mock

import numpy as np
import torch

from pretrain.checkpoints.safetensors import read_safetensors, write_safetensors
from pretrain.data.latents import weights_hash
from pretrain.models.autoencoder import load_autoencoder
from pretrain.models.build import load_velocity
from pretrain.tests.export_case import ExportCase


class Written(ExportCase):
    def test_the_file_holds_the_runs_average_in_f16_under_its_names(self) -> None:
        self.exporter([self.PLAIN]).run([])
        tensors, metadata = read_safetensors(self.root / "models" / "tiny" / "plain.safetensors")
        state = torch.load(self.root / "work" / "runs" / "plain" / "state.pt")
        self.assertEqual(list(tensors), list(state["ema"]))
        for name, values in state["ema"].items():
            kind = np.float32 if name == "pos_embed" else np.float16
            np.testing.assert_array_equal(tensors[name], values.numpy().astype(kind), name)
            self.assertEqual(tensors[name].dtype, kind)
        self.assertEqual(metadata["name"], "plain")
        self.assertEqual((metadata["steps"], metadata["samples_seen"], metadata["seed"]), ("4", "32", "3"))
        self.assertEqual(float(metadata["scale_factor"]), 0.5)
        shipped = load_autoencoder(sorted((self.root / "models" / "tiny").glob("autoencoder-*")))
        self.assertEqual(metadata["autoencoder"], weights_hash(shipped))
        self.assertEqual(json.loads(metadata["config"])["hidden_size"], 8)

    def test_the_recipe_is_read_off_state_result_and_configuration(self) -> None:
        half = {"config": "half.toml", "group": "data", "name": "half-a", "about": "Half."}
        self.assertEqual(self.exporter([self.PLAIN, half]).run([]), ["plain", "half-a"])
        plain, other = self.family()["models"]
        result = json.loads((self.root / "work" / "runs" / "plain" / "result.json").read_text())
        recipe = plain["recipe"]
        self.assertEqual(recipe["data"], "16 avatars drawn by DiceBear 9.4 (2 styles, 8 seeds each, 8 px)")
        self.assertEqual((recipe["steps"], recipe["samples_seen"], recipe["seed"]), (4, 32, 3))
        self.assertEqual(recipe["loss"], round(result["loss"], 5))
        self.assertIn("CPU", recipe["device"])
        self.assertEqual(recipe["notes"], "flow matching loss; EMA weights, decay 0.9999")
        words = (plain["title"], plain["about"], plain["role"])
        self.assertEqual(words, ("Plain", "A test of plain.", "variant"))
        self.assertEqual((other["name"], other["about"]), ("half-a", "Half."))
        self.assertTrue(other["recipe"]["data"].startswith("8 of 16 avatars"))
        self.assertTrue(other["recipe"]["data"].endswith("selection half"))

    def test_a_unet_says_its_architecture_and_loads_again(self) -> None:
        self.exporter([{"config": "round.toml", "group": "architecture"}]).run([])
        network = load_velocity([self.root / "models" / "tiny" / "round.safetensors"])
        self.assertEqual(type(network).__name__, "UNetFM")

    @unittest.skipUnless(shutil.which("node"), "the manifest is made by Node")
    def test_the_manifest_lists_what_was_written_with_size_and_hash(self) -> None:
        self.exporter([self.PLAIN]).run([])
        manifest = json.loads((self.root / "models" / "manifest.json").read_text())
        (entry,) = manifest["families"][0]["models"]
        data = (self.root / "models" / "tiny" / "plain.safetensors").read_bytes()
        file = {"file": "tiny/plain.safetensors", "bytes": len(data)}
        self.assertEqual(entry["files"], [{**file, "sha256": hashlib.sha256(data).hexdigest()}])
        self.assertEqual((entry["architecture"], entry["config"]["hidden_size"]), ("dit", 8))
        self.assertNotIn("architecture", entry["config"])

    def test_without_node_the_command_is_told_and_the_weights_are_there(self) -> None:
        said: list[str] = []
        exporter = self.exporter([self.PLAIN])
        exporter.say = said.append
        with mock.patch("pretrain.checkpoints.manifest.shutil.which", return_value=None):
            exporter.run([])
        self.assertIn("node scripts/make-manifest.mjs", " ".join(said))
        self.assertTrue((self.root / "models" / "tiny" / "plain.safetensors").exists())

    def test_light_and_heavy_are_replaced_by_name_alone_and_take_their_shards_with_them(self) -> None:
        folder = self.root / "models" / "tiny"
        for k in (1, 2):
            tensors = {f"w{k}": np.zeros(3, np.float16)}
            write_safetensors(folder / f"light-0000{k}-of-00002.safetensors", tensors, {"config": "{}"})
        light = {"config": "plain.toml", "name": "light", "role": "light"}
        plan = [light, {"config": "half.toml", "group": "data"}]
        self.assertEqual(self.exporter(plan).names([]), ["half"])
        self.assertEqual(self.exporter(plan).run(["half"]), ["half"])
        self.assertEqual(len(list(folder.glob("light*"))), 2)
        self.exporter(plan).run(["light"])
        self.assertEqual([path.name for path in folder.glob("light*")], ["light.safetensors"])
        self.assertEqual([model["name"] for model in self.family()["models"]], ["light", "half"])


if __name__ == "__main__":
    unittest.main()
