"""Training of the metric networks: they learn what can be learnt, end with a file, and refuse to report what
they cannot."""

import json
import shutil
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from pretrain.distributed import World
from pretrain.errors import ClassifierNotGoodEnough, ConfigDoesNotFit, CountsDiffer
from pretrain.folders import Folders
from pretrain.models.attributes import Head
from pretrain.models.classifier import ClassifierConfig, classify
from pretrain.models.embedding import EmbeddingConfig, features_of, load_embedding
from pretrain.train.augmentation import Augmentation
from pretrain.train.avatars import Avatars
from pretrain.train.classifier import ClassifierExperiment, ClassifierTask, train_classifier
from pretrain.train.config import TrainConfig
from pretrain.train.embedding import EmbeddingExperiment, EmbeddingTask, train_embedding
from pretrain.train.loop import Run
from pretrain.train.metric_data import DataTable, load_training

FIXTURE = Path(__file__).resolve().parents[3] / "test" / "fixtures" / "dataset"
CPU = torch.device("cpu")
ALONE = World(0, 1, CPU)
HEADS = (Head("a.shade", ("a",), ("dark", "light")), Head("b.shade", ("b",), ("dark", "light")))
TRAIN = TrainConfig(40, 16, 5e-3, warmup_steps=5, ema_decay=0.9, precision="f32", log_every=20)


def stripes(count: int) -> Avatars:
    """Class a has rows, class b columns; each is dark or light."""
    random = np.random.RandomState(0)
    labels, shades = random.randint(0, 2, count), random.randint(0, 2, count)
    ramp = (np.arange(64) // 8 % 2) * 60
    images = np.empty((count, 64, 64, 3), np.uint8)
    for image, label, shade in zip(images, labels, shades):
        image[:] = (
            (ramp[:, None] if label == 0 else ramp[None]) + np.zeros((64, 64), int) + 100 * shade
        )[:, :, None]
    values = np.where(np.arange(2)[None] == labels[:, None], shades[:, None], -1)
    return Avatars(images, images[:0], torch.from_numpy(labels), torch.from_numpy(values))


class Tasks(unittest.TestCase):
    def setUp(self) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.work = Path(temporary.name)

    def test_the_classifier_learns_class_and_attribute_of_new_pictures(self):
        config = ClassifierConfig(("a", "b"), HEADS, 64, (8, 8, 8, 8), (0, 0, 0, 0), 4, 4, 16)
        experiment = ClassifierExperiment(
            "c", "test", DataTable(), TRAIN, augmentation=Augmentation(shift=1.0, noise=0.0, blur=0.0)
        )
        task = ClassifierTask(stripes(64), config, experiment, CPU)
        run = Run(self.work / "run", task, TRAIN, {}, ALONE)
        self.assertTrue(run.train_to_end(say=lambda words: None))
        new = stripes(100)
        seen = classify(run.averaged_network(), new.images[64:], CPU)
        self.assertGreater((seen.labels == new.labels.numpy()[64:]).mean(), 0.95)
        self.assertGreater((seen.values == new.values.numpy()[64:]).mean(), 0.95)

    def test_the_embedding_brings_pictures_of_one_kind_together(self):
        model = EmbeddingConfig(
            widths=(8, 8, 8, 8), residual_blocks=(0, 0, 0, 0), norm_groups=4, feature_dim=8
        )
        experiment = EmbeddingExperiment("e", "test", DataTable(), TRAIN, model, Augmentation(blur=0.0))
        task = EmbeddingTask(stripes(64), HEADS, experiment, CPU)
        run = Run(self.work / "run", task, TRAIN, {}, ALONE)
        run.train_to_end(say=lambda words: None)
        new = stripes(100)
        features = features_of(run.averaged_network().embedding, new.images[64:], CPU)
        unit = features / np.linalg.norm(features, axis=1, keepdims=True)
        kind = new.labels.numpy()[64:] * 2 + new.values.numpy()[64:].max(axis=1)
        same = kind[:, None] == kind[None]
        cosine = unit @ unit.T
        self.assertGreater(cosine[same].mean(), cosine[~same].mean() + 0.3)
        self.assertTrue((self.work / "run" / "sheet.png").exists())

    def test_decoded_pictures_take_the_place_of_those_that_have_one(self):
        images = np.zeros((3, 4, 4, 3), np.uint8)
        avatars = Avatars(
            images, images[:2] + 255, torch.zeros(3, dtype=torch.int64), torch.zeros(3, 1, dtype=torch.int64)
        )
        pixels = avatars.pixels(torch.tensor([0, 1, 2, 1]), torch.tensor([True, False, True, True]), CPU)
        np.testing.assert_array_equal(pixels.mean((1, 2, 3)).numpy(), [1, -1, -1, 1])
        self.assertEqual(images.max(), 0)
        with self.assertRaises(CountsDiffer):
            Avatars(images, np.zeros((4, 4, 4, 3), np.uint8), avatars.labels, avatars.values)


class Stages(unittest.TestCase):
    """On the tiny data set: 16 training drawings, 8 held out."""

    def setUp(self) -> None:
        torch.set_num_threads(1)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folders = Folders(Path(temporary.name))
        shutil.copytree(FIXTURE, self.folders.work / "dataset")

    def config(self, name: str, model: str) -> Path:
        path = self.folders.work / f"{name}.toml"
        path.write_text(
            f'name = "{name}"\nabout = "test"\n[data]\nset_aside = 0.5\nrarest_value = 1\n'
            f"[train]\nsteps = 2\nbatch = 4\nlearning_rate = 1e-3\n[model]\n{model}"
        )
        return path

    def test_the_embedding_ends_as_a_file_with_its_hash_and_known_distances(self):
        model = "widths = [8, 8, 8, 8]\nresidual_blocks = [0, 0, 0, 1]\nnorm_groups = 4\nfeature_dim = 6\n"
        ended = train_embedding(
            self.config("embedding", model), self.folders, ALONE, None, lambda words: None
        )
        self.assertTrue(ended)
        run = self.folders.run("embedding")
        self.assertEqual(load_embedding(run / "embedding.safetensors").config.feature_dim, 6)
        card = json.loads((run / "embedding.json").read_text())
        self.assertEqual(len(card["sha256"]), 64)
        self.assertEqual(len(card["fd_to_half_of_held_out"]), 4)

    def test_a_classifier_that_has_learnt_nothing_reports_nothing(self):
        model = "widths = [8, 8, 8, 8]\nresidual_blocks = [0, 0, 0, 0]\n"
        model += "norm_groups = 4\nreduced = 4\nhidden = 8\n"
        with self.assertRaisesRegex(ClassifierNotGoodEnough, "the best is"):
            train_classifier(self.config("classifier", model), self.folders, ALONE, None, lambda words: None)
        self.assertFalse((self.folders.run("classifier") / "classifier.safetensors").exists())

    def test_drawings_that_are_set_aside_are_not_trained_on(self):
        data = load_training(DataTable(set_aside=0.25, rarest_value=1), self.folders, lambda words: None)
        self.assertEqual((len(data.train), len(data.aside)), (12, 4))
        self.assertEqual(len(data.styles), 8)
        self.assertFalse((data.train.images[:4] == data.aside.images).all())

    def test_reconstructions_without_an_autoencoder_have_a_named_error(self):
        with self.assertRaisesRegex(ConfigDoesNotFit, "autoencoder"):
            load_training(DataTable(decoded_images=4), self.folders, lambda words: None)
