"""Same-seed similarity, strangers of a class, attribute agreement."""

import unittest

import numpy as np

from pretrain.errors import CountsDiffer, FeaturesNotFinite, TooFewSamples
from pretrain.metrics.accuracy import accuracy_of_head, accuracy_of_heads
from pretrain.metrics.agreement import agreement_of_heads, agreement_of_pairs, recognised
from pretrain.metrics.similarity import derangement, latent_cosine, normalised, paired_cosines, similarity
from pretrain.tests.golden import golden


class Cosines(unittest.TestCase):
    def test_equal_the_golden_case(self):
        case = golden("10_metrics")
        permutation = case["in.permutation"].astype(int)
        s = paired_cosines(case["in.pair_a"], case["in.pair_b"]).mean()
        s_unrel = paired_cosines(case["in.pair_a"], case["in.pair_b"][permutation]).mean()
        case.assert_close(s, "out.cosine")
        case.assert_close(s_unrel, "out.cosine_unrelated")
        case.assert_close(normalised(s, s_unrel), "out.cosine_normalised")

    def test_a_row_of_zeros_and_unequal_counts_have_named_errors(self):
        a = np.ones((3, 4))
        with self.assertRaises(CountsDiffer):
            paired_cosines(a, a[:2])
        b = a.copy()
        b[1] = 0
        with self.assertRaisesRegex(FeaturesNotFinite, "sample 1"):
            paired_cosines(a, b)

    def test_latent_cosine_is_taken_at_each_time(self):
        random = np.random.RandomState(0)
        a, b = random.randn(3, 5, 2, 4, 4), random.randn(3, 5, 2, 4, 4)
        b[2] = 2 * a[2]
        values = latent_cosine(a, b)
        self.assertEqual(values.shape, (3, 5))
        np.testing.assert_allclose(values[2], 1.0)
        self.assertAlmostEqual(
            values[0, 1],
            a[0, 1].ravel() @ b[0, 1].ravel() / np.linalg.norm(a[0, 1]) / np.linalg.norm(b[0, 1]),
        )


class Derangement(unittest.TestCase):
    def test_stays_in_the_class_and_moves_everyone(self):
        labels = np.array([0, 1, 2, 0, 1, 2, 0, 1, 0, 2])
        for seed in range(50):
            permutation = derangement(labels, seed)
            self.assertEqual(sorted(permutation), list(range(10)))
            np.testing.assert_array_equal(labels[permutation], labels)
            self.assertTrue((permutation != np.arange(10)).all())

    def test_depends_on_the_seed_alone(self):
        labels = np.zeros(40, dtype=int)
        np.testing.assert_array_equal(derangement(labels, 5), derangement(labels, 5))
        self.assertFalse(np.array_equal(derangement(labels, 5), derangement(labels, 6)))

    def test_a_class_of_one_has_a_named_error(self):
        with self.assertRaisesRegex(TooFewSamples, "class 7"):
            derangement(np.array([1, 1, 7]), 0)


class SimilarityOfModels(unittest.TestCase):
    def blocks(self, noise: float):
        random = np.random.RandomState(0)
        a = [random.randn(80, 6) + 1 for _ in range(3)]
        b = [x + noise * random.randn(*x.shape) for x in a]
        return a, b, [np.arange(80) % 4 for _ in range(3)]

    def test_is_1_for_the_same_model_and_0_for_strangers(self):
        a, b, labels = self.blocks(0.0)
        same = similarity(a, b, labels)
        self.assertAlmostEqual(same.s_norm.value, 1.0, places=12)
        self.assertAlmostEqual(same.s_norm.low, 1.0, places=12)
        strangers = similarity(a, [x[derangement(y, 99)] for x, y in zip(b, labels)], labels)
        self.assertLess(strangers.s_norm.low, 0.0)
        self.assertGreater(strangers.s_norm.high, 0.0)

    def test_falls_with_difference_and_lies_in_its_interval(self):
        values = []
        for noise in (0.3, 1.0):
            estimate = similarity(*self.blocks(noise)).s_norm
            self.assertLess(estimate.low, estimate.value)
            self.assertLess(estimate.value, estimate.high)
            values.append(estimate)
        self.assertGreater(values[0].low, values[1].high)

    def test_comes_out_the_same_twice(self):
        blocks = self.blocks(0.5)
        self.assertEqual(similarity(*blocks), similarity(*blocks))


class Agreement(unittest.TestCase):
    a = np.array([[0, 1, -1, -1], [-1, -1, 2, 3], [0, 1, -1, -1]])
    b = np.array([[0, 2, -1, -1], [-1, -1, 2, 3], [-1, -1, 2, 3]])

    def test_counts_heads_that_apply_to_either_image(self):
        np.testing.assert_allclose(agreement_of_pairs(self.a, self.b), [0.5, 1.0, 0.0])

    def test_per_head_says_how_many_pairs_it_saw(self):
        share, pairs = agreement_of_heads(self.a, self.b)
        np.testing.assert_array_equal(pairs, [2, 2, 2, 2])
        np.testing.assert_allclose(share, [0.5, 0.0, 0.5, 0.5])

    def test_recognised_compares_with_the_class_asked_for(self):
        np.testing.assert_array_equal(recognised(np.array([1, 2]), np.array([1, 0])), [1, 0])
        with self.assertRaises(CountsDiffer):
            recognised(np.array([1]), np.array([1, 0]))


class Accuracy(unittest.TestCase):
    def test_an_answer_without_looking_is_not_good_enough(self):
        true = np.array([0] * 96 + [1] * 4 + [-1] * 50)
        blind = accuracy_of_head(np.zeros(150, int), true)
        self.assertEqual((blind.share, blind.balanced, blind.count), (0.96, 0.5, 100))
        self.assertFalse(blind.good_enough())
        self.assertTrue(accuracy_of_head(true, true).good_enough(0.05))
        self.assertFalse(accuracy_of_head(true[:99], true[:99]).good_enough())

    def test_a_head_that_never_applies_has_no_accuracy(self):
        nothing = accuracy_of_heads(["a", "b"], np.zeros((3, 2)), np.array([[0, -1]] * 3))
        self.assertEqual((nothing["a"].count, nothing["b"].count), (3, 0))
        self.assertFalse(nothing["b"].good_enough())
