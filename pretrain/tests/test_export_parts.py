"""What is exported beside flow models: autoencoders, decoders, metric networks, measured numbers."""

from __future__ import annotations

import hashlib
import json
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from pretrain.checkpoints.measured import autoencoder_files, sha256_of
from pretrain.checkpoints.safetensors import read_safetensors
from pretrain.data.latents import read_latents, weights_hash, write_latents
from pretrain.distributed import World
from pretrain.errors import ConfigDoesNotFit, StateDoesNotFit
from pretrain.folders import Folders
from pretrain.metrics.bootstrap import Estimate
from pretrain.models.autoencoder import Autoencoder, load_autoencoder
from pretrain.models.attributes import Head
from pretrain.models.classifier import Classifier, ClassifierConfig
from pretrain.train.experiment import train_experiment
from pretrain.train.freeze import write_network
from pretrain.tests.export_case import AUTOENCODER, DIT, ExportCase, silent


class Parts(ExportCase):
    def test_another_autoencoder_is_written_in_two_files_with_the_scale_of_its_latents(self) -> None:
        network, folder = self.train_autoencoder("other")
        self.root.joinpath("configs/foreign.toml").write_text(
            DIT.format(name="foreign", width=8, steps=4, subset="").replace("tiny.npz", "other.npz")
        )
        config, world = self.root / "configs" / "foreign.toml", World(0, 1, torch.device("cpu"))
        train_experiment(config, Folders(self.root / "work"), world, say=silent)
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
        # latents that are made now come from the two files as they are shipped; they are the same latents
        now = weights_hash(load_autoencoder(sorted(folder.glob("autoencoder-*"))))
        self.assertNotEqual(now, digest)
        path = self.root / "work" / "latents" / "tiny.npz"
        latents = read_latents(path)
        halves = latents.x1.div(latents.scale_factor).half().numpy()
        write_latents(path, halves, latents.labels.numpy(), latents.scale_factor, now)
        self.exporter([self.PLAIN]).run(["plain"])
        self.assertEqual(read_safetensors(folder / "plain.safetensors")[1]["autoencoder"], digest)

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

        folder = self.root / "models" / "tiny"
        for stem in ("embedding", "classifier"):
            (folder / f"{stem}.safetensors").write_bytes(stem.encode())
        sha256 = lambda stem: hashlib.sha256(stem.encode()).hexdigest()
        own = sha256_of(autoencoder_files(folder, "autoencoder"))
        names = ("fd", "kid", "precision", "recall", "density", "coverage", "recognised")
        quality = mock.Mock(**{name: one(k) for k, name in enumerate(names)}, memorised=None)
        results = mock.Mock(
            embedding=mock.Mock(sha256=sha256("embedding")),
            classifier=mock.Mock(sha256=sha256("classifier")),
            models=[mock.Mock(sha256=whole, quality=quality)],
            autoencoders=[mock.Mock(psnr=one(psnr), ssim=one(1), fd=one(2), sha256=own) for psnr in (30, 29)],
            # A model beside itself stands for two that were measured, the second pair for one that was not.
            pairs=[mock.Mock(a=a, b="plain", s_norm=one(0.5)) for a in ("plain", "older")],
        )
        results.embedding.name, results.models[0].name = "embedding", "plain"
        results.autoencoders[1].name = "other"
        (self.root / "results.json").write_text("{}")
        with mock.patch("pretrain.export.read_results", return_value=mock.Mock(families={"tiny": results})):
            self.exporter([self.PLAIN]).remeasure()
            metrics = self.family()["models"][0]["metrics"]
            self.assertEqual(metrics[0], {"name": "FD-embedding", "value": 0.0, "low": -1.0, "high": 1.0})
            alike = [entry for entry in metrics if entry["name"].startswith("s_norm")]
            self.assertEqual(alike, [{"name": "s_norm to plain", "value": 0.5, "low": -0.5, "high": 1.5}])
            psnr = {"name": "PSNR", "value": 30.0, "low": 29.0, "high": 31.0, "unit": "dB"}
            self.assertEqual(self.family()["autoencoder"]["metrics"][0], psnr)
            for part in (results.embedding, results.classifier, results.autoencoders[0]):
                before, part.sha256 = part.sha256, "0" * 64
                self.exporter([self.PLAIN]).remeasure()
                self.assertNotIn("metrics", self.family()["models"][0])
                self.assertNotIn("metrics", self.family()["autoencoder"])
                part.sha256 = before
            self.exporter([self.PLAIN]).remeasure()
            self.assertIn("metrics", self.family()["models"][0])
            results.models[0].sha256 = "0" * 64
            self.exporter([self.PLAIN]).remeasure()
            self.assertNotIn("metrics", self.family()["models"][0])


if __name__ == "__main__":
    unittest.main()
