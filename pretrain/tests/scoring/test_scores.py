"""Criteria G and L are exact: the golden tables, and one backward pass a sample."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

from pretrain.config import from_dict
from pretrain.errors import BadSelection, StateDoesNotFit, WeightsOutOfReach
from pretrain.flow.noise import scoring_noises
from pretrain.models.dit import DiT, DiTConfig
from pretrain.models.unet import UNetConfig, UNetFM
from pretrain.scoring import scores
from pretrain.scoring.ghost_norms import GhostNorms, linear_norms
from pretrain.scoring.scores import normalised_score, score_samples, scoring_times
from pretrain.scoring.selection import kept_count, select_by_score
from pretrain.tests.golden import golden


def tiny_dit(seed: int = 0, **change) -> DiT:
    """A DiT whose every parameter has a gradient."""
    torch.manual_seed(seed)
    sizes = dict(input_size=8, patch_size=2, in_channels=3, hidden_size=8, depth=2, num_heads=2)
    network = DiT(DiTConfig(**{**sizes, "num_classes": 3, **change}))
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2)
    return network


def naive_squared_norm(network: nn.Module, xt, t, y, target) -> float:
    """One backward pass for one sample."""
    network.zero_grad()
    (network(xt[None], t[None], y[None])[0] - target).pow(2).mean().backward()
    return sum(parameter.grad.double().pow(2).sum().item() for parameter in network.parameters())


class GoldenScores(unittest.TestCase):
    def test_tables_scores_and_selections_are_the_golden_ones(self) -> None:
        case = golden("05_scores")
        network = DiT(from_dict(DiTConfig, case.config["model"], case.name))
        network.load_state_dict(case.weights)
        labels = case.torch("in.y").long()
        tables = score_samples(network, case.torch("in.x1"), labels, case.torch("in.noises"), batch=14)
        case.assert_close(scoring_times(case.config["T"]), "out.times")
        case.assert_close(tables.loss, "out.loss_table")
        case.assert_close(tables.gradient, "out.grad_table")
        case.assert_close(tables.score_l, "out.score_L")
        case.assert_close(tables.score_g, "out.score_G")

    def test_f32_stays_within_a_few_roundings_of_the_golden_tables(self) -> None:
        case = golden("05_scores")
        network = DiT(from_dict(DiTConfig, case.config["model"], case.name))
        network.load_state_dict(case.weights)
        labels = case.torch("in.y").long()
        tables = score_samples(network, case.torch("in.x1"), labels, case.torch("in.noises"))
        # ten times what the reference's own f32 run showed (5e-7): sums in another order
        np.testing.assert_allclose(tables.loss, case["out.loss_table"], rtol=7e-6)
        np.testing.assert_allclose(tables.gradient, case["out.grad_table"], rtol=5e-6)

    def test_selecting_from_the_golden_scores_keeps_the_golden_samples(self) -> None:
        case = golden("05_scores")
        for criterion in ("L", "G"):
            score = case[f"out.score_{criterion}"]
            for ratio in (0.5, 0.9):
                for largest in (True, False):
                    name = f"out.select_{criterion}_{'largest' if largest else 'smallest'}_{ratio}"
                    keep = kept_count(len(score), ratio)
                    self.assertEqual(select_by_score(score, keep, largest).tolist(), case.indices(name), name)


class GhostNormsAreExact(unittest.TestCase):
    def check(self, network: DiT, size: int) -> None:
        torch.manual_seed(5)
        xt, target = torch.randn(2, 5, 3, size, size)
        t, y = torch.rand(5), torch.tensor([0, 1, 2, 3, 1])  # 3 is the null label
        with GhostNorms(network) as ghost:
            got = ghost.squared_norms((network(xt, t, y) - target).pow(2).flatten(1).mean(1))
        want = [naive_squared_norm(network, *sample) for sample in zip(xt, t, y, target)]
        np.testing.assert_allclose(got, want, rtol=1e-5)  # f32, sums of about a thousand terms

    def test_they_equal_one_backward_pass_a_sample(self) -> None:
        self.check(tiny_dit(), 8)  # 16 tokens in 8 channels: products of gradients
        self.check(tiny_dit(hidden_size=64, depth=1), 8)  # 16 tokens in 64 channels: Gram matrices
        self.check(tiny_dit(patch_size=4), 8)

    def test_both_ways_to_multiply_agree_in_float64(self) -> None:
        torch.manual_seed(2)
        for tokens, inputs, outputs in ((2, 30, 20), (30, 5, 4), (1, 3, 3)):
            x = torch.randn(3, tokens, inputs, dtype=torch.float64)
            delta = torch.randn(3, tokens, outputs, dtype=torch.float64)
            for biased in (True, False):
                want = torch.einsum("bni,bno->bio", x, delta).pow(2).sum((1, 2))
                want = want + biased * delta.sum(1).pow(2).sum(1)
                torch.testing.assert_close(linear_norms(x, delta, biased).double(), want, rtol=1e-6, atol=0)

    def test_parameters_learn_again_after_the_context(self) -> None:
        network = tiny_dit()
        network.y_embedder.embedding_table.weight.requires_grad_(False)
        with GhostNorms(network):
            self.assertFalse(any(p.requires_grad for p in network.parameters()))
        frozen = [name for name, p in network.named_parameters() if not p.requires_grad]
        self.assertEqual(frozen, ["y_embedder.embedding_table.weight"])
        self.assertEqual(len(network._forward_pre_hooks) + len(network.blocks[0]._forward_pre_hooks), 0)

    def test_a_network_with_layers_of_another_kind_is_refused_by_name(self) -> None:
        with self.assertRaisesRegex(WeightsOutOfReach, "in_conv.weight"):
            GhostNorms(UNetFM(UNetConfig(8, 3, 1, 4, (1,), 1, groups=2)))

    def test_a_layer_that_runs_twice_is_refused(self) -> None:
        network = tiny_dit()
        network.blocks[1].mlp = network.blocks[0].mlp  # shared: the cross terms would be missing
        with self.assertRaises(WeightsOutOfReach), GhostNorms(network) as ghost:
            x = torch.randn(1, 3, 8, 8)
            ghost.squared_norms(network(x, torch.rand(1), torch.tensor([0])).pow(2).flatten(1).mean(1))


class Scoring(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(1)
        self.x1, self.y = torch.randn(7, 3, 8, 8), torch.tensor([0, 1, 2, 0, 1, 2, 0])
        self.noises = scoring_noises(4, 2, (3, 8, 8))
        self.times = np.array([0.2, 0.7])

    def test_an_interrupted_scoring_goes_on_where_it_was_and_gives_the_same_tables(self) -> None:
        network, chunk = tiny_dit(), scores.CHUNK
        scores.CHUNK = 3
        self.addCleanup(setattr, scores, "CHUNK", chunk)
        whole = score_samples(network, self.x1, self.y, self.noises, self.times)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scores.npz"
            said: list[str] = []

            def stop_after_one(word: str) -> None:
                raise KeyboardInterrupt(word)

            arguments = (network, self.x1, self.y, self.noises, self.times)
            with self.assertRaises(KeyboardInterrupt):
                score_samples(*arguments, finished=path, say=stop_after_one)
            resumed = score_samples(*arguments, finished=path, say=said.append)
            self.assertEqual(said, ["scored 6/7", "scored 7/7"])
            np.testing.assert_array_equal(resumed.gradient, whole.gradient)
            np.testing.assert_array_equal(resumed.loss, whole.loss)
            with self.assertRaises(StateDoesNotFit):
                score_samples(tiny_dit(seed=9), *arguments[1:], finished=path)
            path.write_bytes(path.read_bytes()[:100])
            with self.assertRaises(StateDoesNotFit):
                score_samples(*arguments, finished=path)

    def test_losses_alone_need_no_dit_and_agree_with_the_full_tables(self) -> None:
        network = tiny_dit()
        both = score_samples(network, self.x1, self.y, self.noises, self.times)
        losses = score_samples(network, self.x1, self.y, self.noises, self.times, gradients=False)
        np.testing.assert_allclose(losses.loss, both.loss, rtol=1e-6)
        self.assertTrue(np.isnan(losses.gradient).all())
        unet = UNetFM(UNetConfig(8, 3, 3, 4, (1, 1), 1, groups=2))
        table = score_samples(unet, self.x1, self.y, self.noises, self.times, gradients=False).loss
        residual = self.x1.double()[:, None] - self.noises.double()  # a fresh U-Net says zero
        np.testing.assert_allclose(table[:, 0], residual.pow(2).mean((2, 3, 4)).mean(1), rtol=1e-6)

    def test_a_bf16_run_agrees_to_bf16(self) -> None:
        network = tiny_dit(hidden_size=32)
        exact = score_samples(network, self.x1, self.y, self.noises, self.times)
        quick = score_samples(network, self.x1, self.y, self.noises, self.times, dtype=torch.bfloat16)
        np.testing.assert_allclose(quick.loss, exact.loss, rtol=0.03)  # 8 bits, a dozen layers
        np.testing.assert_allclose(quick.gradient, exact.gradient, rtol=0.1)
        self.assertEqual(next(network.parameters()).dtype, torch.float32)

    def test_a_score_is_relative_to_the_mean_of_its_time(self) -> None:
        table = np.array([[1.0, 300.0], [3.0, 100.0]])
        np.testing.assert_allclose(normalised_score(table), [(0.5 + 1.5) / 2, (1.5 + 0.5) / 2])
        for bad in (np.nan, np.inf):
            with self.assertRaises(BadSelection):
                normalised_score(np.array([[1.0, bad], [3.0, 1.0]]))


if __name__ == "__main__":
    unittest.main()
