"""Exporting tiny trained runs: what is written, and that nothing is when something does not fit."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from pretrain.checkpoints.safetensors import half_precision, read_safetensors, write_safetensors
from pretrain.config import from_dict
from pretrain.data.latents import weights_hash, write_latents
from pretrain.distributed import World
from pretrain.errors import (
    BadSafetensors,
    BudgetExceeded,
    ConfigDoesNotFit,
    MissingFile,
    RunNotEnded,
    StateDoesNotFit,
)
from pretrain.export import Exporter
from pretrain.export_plan import ExportPlan
from pretrain.folders import Folders
from pretrain.metrics.bootstrap import Estimate
from pretrain.models.autoencoder import Autoencoder, AutoencoderConfig, load_autoencoder
from pretrain.models.attributes import Head
from pretrain.models.build import load_velocity
from pretrain.models.classifier import Classifier, ClassifierConfig
from pretrain.train.experiment import read_experiment, train_experiment
from pretrain.train.freeze import write_network

AUTOENCODER = AutoencoderConfig("kl", 8, 2, 4, (1, 2), 1, 2, scale_factor=0.5)

DIT = """
name = "{name}"
about = "A test of {name}."
[model]
architecture = "dit"
input_size = 4
patch_size = 2
in_channels = 2
hidden_size = {width}
depth = 1
num_heads = 1
num_classes = 2
[data]
latents = "latents/tiny.npz"
subset = "{subset}"
[train]
steps = {steps}
batch = 8
learning_rate = 1e-2
warmup_steps = 2
decay_steps = 2
precision = "f32"
log_every = 2
seed = 3
"""

UNET = """
name = "round"
about = "A U-Net."
[model]
architecture = "unet"
input_size = 4
in_channels = 2
num_classes = 3
base_channels = 4
channel_mult = [1, 2]
num_res_blocks = 1
groups = 2
[data]
latents = "latents/tiny.npz"
[train]
steps = 4
batch = 8
learning_rate = 1e-2
decay_steps = 2
precision = "f32"
"""

SITE = "https://example.org"
CREDIT = {"artist": "nobody", "licence": "MIT", "licence_url": SITE, "source": SITE}


class ExportTest(unittest.TestCase):
    """A work folder with latents and ended runs, a folder of models with an autoencoder, and a plan."""

    @classmethod
    def setUpClass(cls) -> None:
        torch.set_num_threads(1)
        cls.made = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.made)
        torch.manual_seed(0)
        network = Autoencoder(AUTOENCODER)
        cls._ship(network, cls.made / "models" / "tiny")
        shipped = load_autoencoder(sorted((cls.made / "models" / "tiny").glob("*.safetensors")))
        rng = np.random.RandomState(0)
        write_latents(
            cls.made / "work" / "latents" / "tiny.npz",
            rng.randn(16, 2, 4, 4).astype(np.float16),
            np.arange(16) % 2,
            0.5,
            weights_hash(shipped),
        )
        cls._write("work/selections/half.json", json.dumps({"indices": list(range(8))}))
        about = {"splits": {"train": {"count": 16}}, "styles": ["a", "b"], "perClass": 8}
        about["versions"] = {"@dicebear/core": "9.4.3"}
        cls._write("work/dataset/dataset.json", json.dumps(about))
        cls._write("configs/plain.toml", DIT.format(name="plain", width=8, steps=4, subset=""))
        half = DIT.format(name="half", width=8, steps=4, subset="selections/half.json")
        cls._write("configs/half.toml", half)
        cls._write("configs/round.toml", UNET)
        for name in ("plain", "half", "round"):
            config, folders = cls.made / "configs" / f"{name}.toml", Folders(cls.made / "work")
            train_experiment(config, folders, World(0, 1, torch.device("cpu")), say=_silent)

    @classmethod
    def _write(cls, name: str, text: str) -> None:
        (cls.made / name).parent.mkdir(parents=True, exist_ok=True)
        (cls.made / name).write_text(text)

    @staticmethod
    def _ship(network: Autoencoder, folder: Path) -> None:
        """The autoencoder in two files, and family.json."""
        tensors = half_precision(network.state_dict())
        metadata = {"config": json.dumps(AUTOENCODER.as_dict())}
        for half in ("decoder", "encoder"):
            draws = half == "decoder"
            own = {k: v for k, v in tensors.items() if k.startswith(("decoder.", "post_")) == draws}
            write_safetensors(folder / f"autoencoder-{half}.safetensors", own, metadata)
        recipe = {"data": "16 pictures", "steps": None, "samples_seen": 10, "minutes": 1, "device": "none"}
        recipe |= {"loss": None, "seed": None, "notes": "random"}
        about = {"recipe": recipe, "licence": "MIT", "card": "c.md"}
        classes = [{"label": k, "name": name, "title": name, **CREDIT} for k, name in enumerate("ab")]
        defaults = {"model": "c2f", "tau": 0.7, "steps": 60, "solver": "euler", "guidance": 1.5}
        preview = {"matrix": [[0.0, 0.0]] * 3, "bias": [0.0] * 3, "r2": 0.0}
        family = {"title": "Tiny", "classes": classes, "defaults": defaults, "autoencoder": about}
        (folder / "family.json").write_text(json.dumps({**family, "models": [], "preview": preview}))

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        for name in ("work", "models", "configs"):
            shutil.copytree(self.made / name, self.root / name)

    def exporter(self, models: list[dict], unfinished: bool = False, **plan: object) -> Exporter:
        values = {"family": "tiny", "licence": "MIT", "card": "c.md", "model": models, **plan}
        return Exporter(
            from_dict(ExportPlan, values, "plan"),
            Folders(self.root / "work"),
            self.root / "models",
            unfinished,
            _silent,
            self.root / "configs",
            self.root / "results.json",
        )

    def family(self) -> dict:
        return json.loads((self.root / "models" / "tiny" / "family.json").read_text())

    def contents(self) -> dict[str, str]:
        """sha256 of everything in the folder of models."""
        files = sorted(path for path in (self.root / "models").rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def assert_refused(self, error: type[Exception], words: str, exporter: Exporter, *names: str) -> None:
        before = self.contents()
        with self.assertRaisesRegex(error, words):
            exporter.run(list(names))
        self.assertEqual(self.contents(), before, "a refused export has changed something")
        self.assertEqual([p.name for p in (self.root / "models").glob(".export-*")], [])

    PLAIN = {"config": "plain.toml", "group": "data", "title": "Plain"}

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
        numbers = {"firstPicture": 10**6, "family": 10**6, "variant": 1000, "wideVariant": 10**6}
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

    def test_another_autoencoder_is_written_in_two_files_with_the_scale_of_its_latents(self) -> None:
        network, folder = self.train_autoencoder("other")
        self.root.joinpath("configs/foreign.toml").write_text(
            DIT.format(name="foreign", width=8, steps=4, subset="").replace("tiny.npz", "other.npz")
        )
        config, world = self.root / "configs" / "foreign.toml", World(0, 1, torch.device("cpu"))
        train_experiment(config, Folders(self.root / "work"), world, say=_silent)
        foreign = {"config": "foreign.toml", "group": "autoencoder", "autoencoder": "other"}
        other = {"config": "other.toml", "latents": "latents/other.npz"}
        alone = self.exporter([foreign], autoencoder=[other])
        self.assert_refused(ConfigDoesNotFit, "foreign needs the autoencoder other", alone, "foreign")
        self.assertEqual(self.exporter([foreign], autoencoder=[other]).run([]), ["other", "foreign"])
        written = load_autoencoder([folder / f"other-{half}.safetensors" for half in ("decoder", "encoder")])
        self.assertEqual(written.config.scale_factor, 0.25)
        tensors, metadata = read_safetensors(folder / "foreign.safetensors")
        self.assertEqual(metadata["autoencoder"], weights_hash(network))
        half = read_safetensors(folder / "other-decoder.safetensors")[0]
        self.assertTrue(all(key.startswith(("decoder.", "post_")) for key in half))
        (entry,) = self.family()["models"]
        self.assertEqual(entry["autoencoder"], "other")
        self.assertEqual(self.family()["autoencoders"][0]["about"], "Another.")

    def train_autoencoder(self, name: str) -> tuple[Autoencoder, Path]:
        """A run of an autoencoder as the training leaves it, and latents made with it."""
        torch.manual_seed(1)
        network = Autoencoder(AUTOENCODER)
        model = {k: v for k, v in AUTOENCODER.as_dict().items() if k not in ("scale_factor", "factor")}
        lines = [f"{key} = {json.dumps(value)}" for key, value in model.items()]
        train = "[train]\nsteps = 2\nbatch = 4\nlearning_rate = 1e-3\nseed = 5"
        head = f'name = "{name}"\nabout = "Another."'
        (self.root / "configs" / f"{name}.toml").write_text("\n".join([head, "[model]", *lines, train]))
        run = self.root / "work" / "runs" / name
        run.mkdir()
        state = {"config": {"model": model}, "ema": network.state_dict(), "step": 2, "samples_before": 0}
        torch.save({**state, "seconds": 60.0, "loss": 0.5}, run / "state.pt")
        (run / "result.json").write_text(json.dumps({"device": "a machine"}))
        latents = np.random.RandomState(1).randn(16, 2, 4, 4).astype(np.float16)
        path = self.root / "work" / "latents" / f"{name}.npz"
        write_latents(path, latents, np.arange(16) % 2, 0.25, weights_hash(network.eval()))
        return network, self.root / "models" / "tiny"

    def test_a_decoder_that_was_trained_on_keeps_the_flow_models_exportable(self) -> None:
        folder = self.root / "models" / "tiny"
        shipped = load_autoencoder(sorted(folder.glob("autoencoder-*")))
        digest = weights_hash(shipped)
        with torch.no_grad():
            shipped.decoder.conv_out.bias.add_(0.5)
        run = self.root / "work" / "runs" / "better"
        run.mkdir()
        state = {"config": {"model": AUTOENCODER.as_dict()}, "ema": shipped.state_dict(), "step": 2}
        torch.save({**state, "samples_before": 0, "seconds": 120.0, "loss": 0.5}, run / "state.pt")
        (run / "result.json").write_text(json.dumps({"device": "a machine"}))
        (self.root / "configs" / "better.toml").write_text(
            'name = "better"\nabout = "Better."\nweights = []\nlatents = "latents/tiny.npz"\n'
            "[train]\nsteps = 2\nbatch = 4\nlearning_rate = 1e-3"
        )
        for _ in range(2):  # again, over its own first export
            self.exporter([self.PLAIN], decoder="better.toml").run(["decoder", "plain"])
            tensors, metadata = read_safetensors(folder / "autoencoder-decoder.safetensors")
            bias = shipped.decoder.conv_out.bias.detach().numpy().astype(np.float16)
            np.testing.assert_array_equal(tensors["decoder.conv_out.bias"], bias)
            self.assertEqual(metadata["latents_of"], digest)
            self.assertEqual(read_safetensors(folder / "plain.safetensors")[1]["autoencoder"], digest)
            recipe = self.family()["autoencoder"]["recipe"]
            self.assertEqual((recipe["samples_seen"], recipe["minutes"]), (18, 3.0))
            words = "decoder trained on by 8 samples with its encoder at rest; before that: random"
            self.assertEqual(recipe["notes"], words)

    def test_a_metric_network_is_taken_byte_for_byte_with_its_measured_accuracy(self) -> None:
        heads = (Head("hair", ("a",), ("long", "short")),)
        trunk = {"image_size": 8, "widths": (4,), "residual_blocks": (1,), "norm_groups": 2}
        config = ClassifierConfig(("a", "b"), heads, **trunk, reduced=4, hidden=4)
        run = self.root / "work" / "runs" / "seer"
        run.mkdir()
        entry = write_network(run / "classifier.safetensors", Classifier(config))
        card = {**entry, "class_accuracy": {"share": 0.991234567}, "heads": {"hair": {"share": 0.95}}}
        (run / "classifier.json").write_text(json.dumps(card))
        state = {"config": {}, "ema": {}, "step": 2, "samples_before": 0, "seconds": 60.0, "loss": 0.5}
        torch.save(state, run / "state.pt")
        (run / "result.json").write_text(json.dumps({"device": "a machine"}))
        train = "[train]\nsteps = 2\nbatch = 4\nlearning_rate = 1e-3\n[data]\nsize = 8"
        (self.root / "configs" / "seer.toml").write_text(f'name = "seer"\nabout = "Looks."\n{train}')
        exporter = self.exporter([], features={"classifier": "seer.toml"})
        self.assertEqual(exporter.run([]), ["classifier"])
        written = (self.root / "models" / "tiny" / "classifier.safetensors").read_bytes()
        self.assertEqual(hashlib.sha256(written).hexdigest(), entry["sha256"])
        classifier = self.family()["features"]["classifier"]
        self.assertEqual(classifier["accuracy"], {"class": 0.99123, "heads": {"hair": 0.95}})
        self.assertEqual(classifier["recipe"]["samples_seen"], 8)
        (run / "classifier.json").write_text(json.dumps({**card, "sha256": "0" * 64}))
        self.assert_refused(StateDoesNotFit, "is not the file that its classifier.json", exporter)

    def test_metrics_come_from_the_evaluation_of_these_very_weights(self) -> None:
        self.exporter([self.PLAIN]).run([])
        data = (self.root / "models" / "tiny" / "plain.safetensors").read_bytes()
        whole = hashlib.sha256(hashlib.sha256(data).hexdigest().encode()).hexdigest()

        def one(value: float) -> Estimate:
            return Estimate(value, value - 1, value + 1, (value,))

        names = ("fd", "kid", "precision", "recall", "density", "coverage", "recognised")
        quality = mock.Mock(**{name: one(k) for k, name in enumerate(names)}, memorised=None)
        results = mock.Mock(
            embedding=mock.Mock(),
            models=[mock.Mock(sha256=whole, quality=quality)],
            autoencoder=mock.Mock(psnr=one(30), ssim=one(1), fd=one(2)),
            # A model beside itself stands for two that were measured, the second pair for one that was not.
            pairs=[mock.Mock(a=a, b="plain", s_norm=one(0.5)) for a in ("plain", "older")],
        )
        results.embedding.name, results.models[0].name = "embedding", "plain"
        (self.root / "results.json").write_text("{}")
        with mock.patch("pretrain.export.read_results", return_value=mock.Mock(families={"tiny": results})):
            self.exporter([self.PLAIN]).remeasure()
            metrics = self.family()["models"][0]["metrics"]
            self.assertEqual(metrics[0], {"name": "FD-embedding", "value": 0.0, "low": -1.0, "high": 1.0})
            alike = [entry for entry in metrics if entry["name"].startswith("s_norm")]
            self.assertEqual(alike, [{"name": "s_norm to plain", "value": 0.5, "low": -0.5, "high": 1.5}])
            psnr = {"name": "PSNR", "value": 30.0, "low": 29.0, "high": 31.0, "unit": "dB"}
            self.assertEqual(self.family()["autoencoder"]["metrics"][0], psnr)
            results.models[0].sha256 = "0" * 64
            self.exporter([self.PLAIN]).remeasure()
            self.assertNotIn("metrics", self.family()["models"][0])


class PlanTest(unittest.TestCase):
    def test_every_configuration_that_the_projects_plan_names_is_one(self) -> None:
        from pretrain.export_plan import read_plan
        from pretrain.folders import CONFIGS, PROJECT

        plan = read_plan(CONFIGS / "export.toml")
        exporter = Exporter(plan, Folders(PROJECT / ".train"), PROJECT / "public" / "models")
        self.assertIn("light", exporter.parts.known)
        for item in plan.model:
            experiment = read_experiment(CONFIGS / item.config)
            self.assertTrue(experiment.about.endswith("."), f"{item.config}: about is a sentence")


def _silent(_words: str) -> None:
    pass


if __name__ == "__main__":
    unittest.main()
