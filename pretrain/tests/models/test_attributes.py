"""Attribute heads: words, merges, covered parts, and the masked cross entropy."""

import math
import unittest

import numpy as np
import torch

from pretrain.errors import ConfigDoesNotFit
from pretrain.models.attributes import (
    Head,
    Layout,
    applies_to,
    attribute_loss,
    head_values,
    heads_of,
    without_repetition,
    word_of,
)

DRAWINGS = [
    {
        "background": "#a",
        "glasses": False,
        "micah.hair": "full",
        "micah.glasses": "none",
        "micah.shape": "round",
    },
    {
        "background": "#b",
        "glasses": True,
        "micah.hair": "mrT",
        "micah.glasses": "square",
        "micah.shape": "round",
    },
    {"background": "#a", "glasses": True, "bigSmile.eyes": "angry", "bigSmile.accessories": "sunglasses"},
    {"background": "#b", "glasses": False, "bigSmile.eyes": "sad", "bigSmile.accessories": "none"},
]
STYLES = ("bigSmile", "dylan", "micah")


class Heads(unittest.TestCase):
    def test_are_those_with_two_values_with_the_styles_that_have_them(self):
        heads = {head.name: head for head in heads_of(DRAWINGS, STYLES, rarest=1)}
        self.assertEqual(
            set(heads),
            {
                "background",
                "micah.hair",
                "micah.glasses",
                "micah.wearsGlasses",
                "bigSmile.eyes",
                "bigSmile.accessories",
            },
        )
        self.assertEqual(heads["background"].styles, ("bigSmile", "micah"))
        self.assertEqual(heads["micah.wearsGlasses"].values, ("none", "some"))

    def test_values_that_are_too_rare_do_not_apply(self):
        drawings = DRAWINGS[:2] * 3 + [{**DRAWINGS[0], "micah.hair": "turban"}]
        heads = heads_of(drawings, STYLES, rarest=2)
        hair = [head.name for head in heads].index("micah.hair")
        self.assertEqual(heads[hair].values, ("full", "mrT"))
        np.testing.assert_array_equal(head_values(drawings, heads)[:, hair], [0, 1, 0, 1, 0, 1, -1])

    def test_a_part_that_is_covered_is_hidden(self):
        self.assertEqual(word_of(DRAWINGS[2], "bigSmile.eyes"), "hidden")
        self.assertEqual(word_of(DRAWINGS[3], "bigSmile.eyes"), "sad")
        self.assertIsNone(word_of(DRAWINGS[3], "micah.hair"))

    def test_a_merged_attribute_is_left_out_where_the_finer_one_is_there(self):
        names = ["lorelei.beard", "lorelei.hasBeard", "micah.wearsGlasses"]
        self.assertEqual(without_repetition(names), ["lorelei.beard", "micah.wearsGlasses"])

    def test_apply_to_their_styles_alone(self):
        heads = (Head("background", STYLES, ("#a", "#b")), Head("micah.hair", ("micah",), ("full", "mrT")))
        np.testing.assert_array_equal(applies_to(heads, STYLES), [[True, False], [True, False], [True, True]])


class Loss(unittest.TestCase):
    layout = Layout((Head("a", ("x",), ("0", "1", "2")), Head("b", ("x",), ("0", "1"))))

    def test_of_even_logits_is_the_mean_log_of_the_number_of_values(self):
        loss = attribute_loss(torch.zeros(2, 5), torch.tensor([[0, 1], [2, 0]]), self.layout)
        self.assertAlmostEqual(loss.item(), (math.log(3) + math.log(2)) / 2, places=6)

    def test_reads_each_heads_own_logits_and_skips_heads_that_do_not_apply(self):
        logits = torch.tensor([[0.0, 0.0, 0.0, 1.0, 0.0], [5.0, -3.0, 0.0, 9.0, 9.0]])
        loss = attribute_loss(logits, torch.tensor([[-1, 0], [-1, -1]]), self.layout)
        self.assertAlmostEqual(loss.item(), math.log(1 + math.exp(-1)), places=6)

    def test_smoothing_adds_the_mean_over_a_heads_values(self):
        logits = torch.tensor([[2.0, 0.0, -1.0, 0.0, 0.0]])
        log_share = torch.log_softmax(logits[0, :3], 0)
        want = -(0.9 * log_share[0] + 0.1 * log_share.mean())
        loss = attribute_loss(logits, torch.tensor([[0, -1]]), self.layout, smoothing=0.1)
        self.assertAlmostEqual(loss.item(), want.item(), places=6)

    def test_has_finite_gradients_though_missing_values_are_minus_infinity(self):
        logits = torch.randn(3, 5, requires_grad=True)
        attribute_loss(
            logits, torch.tensor([[0, 1], [-1, 1], [2, -1]]), self.layout, smoothing=0.1
        ).backward()
        self.assertTrue(torch.isfinite(logits.grad).all())
        self.assertEqual(logits.grad[1, :3].abs().sum().item(), 0.0)

    def test_no_heads_has_a_named_error(self):
        with self.assertRaises(ConfigDoesNotFit):
            Layout(())
