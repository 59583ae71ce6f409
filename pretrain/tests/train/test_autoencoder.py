"""Autoencoder and decoder training on a few drawn avatars."""

import json
import shutil
import tempfile
import unittest
from pathlib import Path

import torch

from pretrain.checkpoints.safetensors import write_safetensors
from pretrain.data.latents import read_latents
from pretrain.distributed import World
from pretrain.errors import ConfigDoesNotFit, StateDoesNotFit
from pretrain.folders import PROJECT, Folders
from pretrain.train.autoencoder import PictureTable, encode_dataset, train_autoencoder, trained_autoencoder
from pretrain.train.decoder import train_decoder
from pretrain.train.loop import averaged_state

CONFIG = """
name = "ae"
about = "A test."
[model]
kind = "KIND"
image_size = SIZE
latent_channels = 4
hidden_channels = 8
channel_multipliers = [1, 2]
num_residual_blocks = 1
groups = 4
CODEBOOK
[data]
size = SIZE
[loss]
adversarial_from = ADVERSARIAL
[train]
steps = STEPS
batch = 4
learning_rate = 3e-3
warmup_steps = 2
precision = "PRECISION"
log_every = 1
"""

DECODER = """
name = "decoder"
about = "A test."
weights = ["ae.safetensors"]
latents = "latents/small.npz"
[data]
size = SIZE
[train]
steps = 20
batch = 4
learning_rate = 3e-3
warmup_steps = 2
precision = "f32"
log_every = 1
"""
SIZE = 32


class AutoencoderTrainingTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folders = Folders(Path(temporary.name))
        shutil.copytree(PROJECT / "test/fixtures/dataset", self.folders.work / "dataset")
        self.world = World(0, 1, torch.device("cpu"))
        self.lines = []

    def write(self, words, **values):
        filled = {"KIND": "kl", "SIZE": SIZE, "CODEBOOK": "", "ADVERSARIAL": -1, "STEPS": 6, "PRECISION": "f32", **values}
        for key, value in filled.items():
            words = words.replace(key, str(value))
        path = self.folders.work / "config.toml"
        path.write_text(words)
        return path

    def train(self, **values):
        path = self.write(CONFIG, **values)
        self.assertTrue(train_autoencoder(path, self.folders, self.world, say=self.lines.append))
        return averaged_state(self.folders.run("ae") / "state.pt")

    def loss_of(self, line):
        return float(self.lines[line].split(" l1 ")[1].split()[0])

    def test_kl_and_vq_learn_to_give_pictures_back_also_on_a_bf16_copy(self):
        for kind, codebook, precision in (("kl", "", "bf16"), ("vq", "codebook_size = 32", "f32")):
            with self.subTest(kind):
                self.lines.clear()
                self.train(KIND=kind, CODEBOOK=codebook, STEPS=40, PRECISION=precision)
                self.assertLess(self.loss_of(-1), 0.8 * self.loss_of(0))
                self.assertTrue((self.folders.run("ae") / "sheet.png").exists())
                shutil.rmtree(self.folders.run("ae"))

    def test_resumed_in_its_adversarial_part_it_equals_an_unbroken_run(self):
        whole = self.train(ADVERSARIAL=2)
        shutil.rmtree(self.folders.run("ae"))
        words = self.write(CONFIG.replace("log_every = 1", "log_every = 1\nsave_minutes = 0.0"), ADVERSARIAL=2)

        class Killed(Exception):
            pass

        def kill(line):
            if "5/6" in line:
                raise Killed

        with self.assertRaises(Killed):
            train_autoencoder(words, self.folders, self.world, say=kill)
        for name, value in self.train(ADVERSARIAL=2).items():
            torch.testing.assert_close(value, whole[name], rtol=0, atol=0, msg=name)

    def test_a_decoder_gets_better_while_its_encoder_rests(self):
        self.train()
        network = trained_autoencoder(self.folders, "ae")
        weights = {name: value.numpy() for name, value in network.state_dict().items()}
        write_safetensors(self.folders.work / "ae.safetensors", weights, {"config": json.dumps(network.config.as_dict())})
        out = self.folders.work / "latents/small.npz"
        scale = encode_dataset(network, None, self.folders, PictureTable(size=SIZE), out, self.world, lambda _: None)
        self.assertAlmostEqual(float(read_latents(out).x1.std()), 1.0, delta=0.01)
        self.assertGreater(scale, 0)
        self.lines.clear()
        train_decoder(self.write(DECODER), self.folders, self.world, say=self.lines.append)
        after = averaged_state(self.folders.run("decoder") / "state.pt")
        self.assertLess(self.loss_of(-1), self.loss_of(0))
        for name, value in network.state_dict().items():
            moved = not torch.equal(value, after[name])
            self.assertEqual(moved, name.startswith(("decoder.", "post_quant_conv.")), name)

    def test_latents_of_another_encoder_are_refused(self):
        self.test_a_decoder_gets_better_while_its_encoder_rests()
        shutil.rmtree(self.folders.run("ae"))
        self.train(STEPS=3)
        network = trained_autoencoder(self.folders, "ae")
        out = self.folders.work / "latents/small.npz"
        encode_dataset(network, 1.0, self.folders, PictureTable(size=SIZE), out, self.world, lambda _: None)
        with self.assertRaisesRegex(StateDoesNotFit, "another autoencoder"):
            train_decoder(self.write(DECODER), self.folders, self.world, say=self.lines.append)

    def test_a_size_that_the_model_does_not_have_is_refused(self):
        path = self.write(CONFIG)
        path.write_text(path.read_text().replace("image_size = 32", "image_size = 64"))
        with self.assertRaisesRegex(ConfigDoesNotFit, "image_size"):
            train_autoencoder(path, self.folders, self.world)


if __name__ == "__main__":
    unittest.main()
