"""The metric networks: shapes, paddings, types, losses with a known answer, files that come back as they
were."""

import json
import math
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from pretrain.checkpoints.safetensors import half_precision, write_safetensors
from pretrain.errors import BadSafetensors, ConfigDoesNotFit
from pretrain.models.classifier import (
    Classifier,
    ClassifierConfig,
    classifier_loss,
    classify,
    load_classifier,
    with_heads,
)
from pretrain.models.convnet import Downsample, GroupNorm, Trunk, at_network_size
from pretrain.models.attributes import NOT_APPLICABLE, Head, Layout
from pretrain.models.embedding import (
    EmbeddingConfig,
    EmbeddingLoss,
    EmbeddingNetwork,
    EmbeddingTrainer,
    contrastive_loss,
    embedding_loss,
    features_of,
    load_embedding,
)

HEADS = (
    Head("background", ("micah", "dylan"), ("#a", "#b", "#c")),
    Head("micah.hair", ("micah",), ("full", "none")),
    Head("dylan.mood", ("dylan",), ("angry", "happy", "sad", "neutral")),
)
SMALL = EmbeddingConfig(widths=(8, 8, 16, 16), residual_blocks=(0, 1, 0, 1), norm_groups=4, feature_dim=12)
SMALL_CLASSIFIER = ClassifierConfig(("micah", "dylan"), HEADS, 64, (8, 8, 16, 16), (0, 0, 0, 1), 4, 6, 10)
CPU = torch.device("cpu")


def some_images(count: int, size: int = 64) -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (count, size, size, 3)).astype(np.uint8)


def stirred(network: torch.nn.Module) -> torch.nn.Module:
    """All weights random: zero-initialised ones would hide a branch."""
    torch.manual_seed(0)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return network.eval()


class ConvolutionalTrunk(unittest.TestCase):
    def test_downsampling_pads_every_side_by_one(self):
        down = Downsample(1, 1)
        torch.nn.init.ones_(down.conv.weight)
        torch.nn.init.zeros_(down.conv.bias)
        sums = down(torch.ones(1, 1, 4, 4))[0, 0]
        # windows around rows and columns 0 and 2: the first hangs out at the top and left, none at the bottom
        # and right
        np.testing.assert_array_equal(sums.detach().numpy(), [[4, 6], [6, 9]])

    def test_group_norm_of_bf16_equals_that_of_f32_with_eps_1e_6(self):
        norm = GroupNorm(2, 4)
        x = torch.randn(2, 4, 3, 3) * 1e-3
        want = x.view(2, 2, -1)
        want = (want - want.mean(2, keepdim=True)) / (want.var(2, unbiased=False, keepdim=True) + 1e-6).sqrt()
        np.testing.assert_allclose(norm(x).detach().numpy(), want.view(2, 4, 3, 3).numpy(), atol=1e-4)
        self.assertEqual(norm.bfloat16()(x.bfloat16()).dtype, torch.float32)

    def test_widths_that_groups_do_not_divide_have_a_named_error(self):
        with self.assertRaisesRegex(ConfigDoesNotFit, "6 norm groups"):
            Trunk((12, 20), (1, 1), 6)
        with self.assertRaises(ConfigDoesNotFit):
            Trunk((12, 24), (1,), 6)

    def test_128_px_is_the_mean_of_squares_of_two(self):
        x = torch.randn(2, 3, 128, 128)
        small = at_network_size(x, 64)
        self.assertAlmostEqual(small[1, 2, 5, 7].item(), x[1, 2, 10:12, 14:16].mean().item(), places=6)
        with self.assertRaisesRegex(ConfigDoesNotFit, "96×96"):
            at_network_size(torch.zeros(1, 3, 96, 96), 64)


class Embedding(unittest.TestCase):
    def test_default_sizes_fit_two_mebibytes_in_f16(self):
        network = EmbeddingNetwork(EmbeddingConfig())
        parameters = sum(p.numel() for p in network.parameters())
        self.assertGreater(parameters, 500_000)
        self.assertLess(2 * parameters, 2 * 2**20)
        self.assertEqual(network(torch.zeros(2, 3, 64, 64)).shape, (2, 128))

    def test_feature_of_an_image_does_not_depend_on_its_batch(self):
        network = stirred(EmbeddingNetwork(SMALL))
        images = some_images(7)
        together = features_of(network, images, CPU)
        alone = np.concatenate([features_of(network, images[k : k + 1], CPU) for k in range(7)])
        # another batch blocks the same f32 sums in another way
        np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)

    def test_a_file_gives_the_network_back_and_says_its_config(self):
        network = stirred(EmbeddingNetwork(SMALL))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "embedding.safetensors"
            write_safetensors(
                path, half_precision(network.state_dict()), {"config": json.dumps(SMALL.as_dict())}
            )
            again = load_embedding(path)
            self.assertEqual(again.config, SMALL)
            images = some_images(3)
            # weights rounded to f16: relative error 2⁻¹¹ a weight
            np.testing.assert_allclose(
                features_of(again, images, CPU), features_of(network, images, CPU), rtol=0.05, atol=0.05
            )
            write_safetensors(path, half_precision(network.state_dict()))
            with self.assertRaisesRegex(BadSafetensors, "config"):
                load_embedding(path)

    def test_contrast_of_identical_pairs_has_its_closed_form(self):
        # two orthogonal pairs: partner at cosine 1, two others at 0
        z = torch.eye(2)
        want = -math.log(math.exp(1 / 0.5) / (math.exp(1 / 0.5) + 2))
        self.assertAlmostEqual(contrastive_loss(z, z, 0.5).item(), want, places=6)

    def test_contrast_is_lowest_for_the_right_partner(self):
        z = torch.randn(6, 8)
        self.assertLess(contrastive_loss(z, z, 0.2), contrastive_loss(z, z.roll(1, 0), 0.2))

    def test_every_weight_has_a_gradient(self):
        layout = Layout(HEADS)
        trainer = EmbeddingTrainer(SMALL, layout.total)
        stirred(trainer)
        values = torch.tensor([[0, 1, -1], [2, -1, 3]])
        loss, parts = embedding_loss(trainer(torch.randn(4, 3, 64, 64)), values, layout, EmbeddingLoss())
        loss.backward()
        self.assertEqual(set(parts), {"contrast", "attributes"})
        for name, parameter in trainer.named_parameters():
            self.assertGreater(parameter.grad.abs().sum().item(), 0.0, name)


class AttributeClassifier(unittest.TestCase):
    def test_every_weight_has_a_gradient(self):
        network = stirred(Classifier(SMALL_CLASSIFIER))
        values = torch.tensor([[0, 1, NOT_APPLICABLE], [2, NOT_APPLICABLE, 3]])
        loss, _ = classifier_loss(
            network(torch.randn(2, 3, 64, 64)), torch.tensor([0, 1]), values, network.layout, 0.1
        )
        loss.backward()
        for name, parameter in network.named_parameters():
            self.assertGreater(parameter.grad.abs().sum().item(), 0.0, name)

    def test_heads_of_other_styles_do_not_apply(self):
        network = stirred(Classifier(SMALL_CLASSIFIER))
        seen = classify(network, some_images(5), CPU, labels=np.array([0, 1, 0, 1, 1]))
        np.testing.assert_array_equal(seen.values[:, 1] == NOT_APPLICABLE, [False, True, False, True, True])
        np.testing.assert_array_equal(seen.values[:, 2] == NOT_APPLICABLE, [True, False, True, False, False])
        self.assertTrue((seen.values[:, 0] >= 0).all())
        unforced = classify(network, some_images(5), CPU)
        np.testing.assert_array_equal(unforced.values[:, 1] == NOT_APPLICABLE, unforced.labels != 0)

    def test_leaving_heads_out_keeps_the_answers_of_the_others(self):
        network = stirred(Classifier(SMALL_CLASSIFIER))
        smaller = with_heads(network, ["background", "dylan.mood"])
        labels = np.array([0, 1, 1, 0])
        whole = classify(network, some_images(4), CPU, labels)
        part = classify(smaller, some_images(4), CPU, labels)
        np.testing.assert_array_equal(part.labels, whole.labels)
        np.testing.assert_array_equal(part.values, whole.values[:, [0, 2]])
        self.assertEqual(smaller.attribute_head.weight.shape[0], 7)

    def test_a_file_gives_the_network_and_its_heads_back(self):
        network = stirred(Classifier(SMALL_CLASSIFIER))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "classifier.safetensors"
            config = json.dumps(network.config.as_dict())
            state = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
            write_safetensors(path, state, {"config": config})
            again = load_classifier(path)
        self.assertEqual(again.config, SMALL_CLASSIFIER)
        np.testing.assert_array_equal(
            classify(again, some_images(4), CPU).values, classify(network, some_images(4), CPU).values
        )
