"""Kernel distance against the golden case, a double loop, and its expectation."""

import unittest

import numpy as np

from pretrain.errors import CountsDiffer, FeaturesNotFinite, TooFewSamples
from pretrain.metrics.kid import kernel_distance, kernel_means
from pretrain.tests.golden import golden


def by_double_loop(a: np.ndarray, b: np.ndarray) -> float:
    """KID as the definition reads, pair by pair."""
    k = lambda x, y: (float(x @ y) / len(x) + 1.0) ** 3  # noqa: E731
    within_a = np.mean([k(x, y) for i, x in enumerate(a) for j, y in enumerate(a) if i != j])
    within_b = np.mean([k(x, y) for i, x in enumerate(b) for j, y in enumerate(b) if i != j])
    return within_a + within_b - 2 * np.mean([k(x, y) for x in a for y in b])


class KernelDistance(unittest.TestCase):
    def test_equals_the_golden_case(self):
        case = golden("10_metrics")
        case.assert_close(kernel_distance(case["in.real"], case["in.fake"]), "out.kid")

    def test_equals_a_double_loop_over_pairs(self):
        random = np.random.RandomState(0)
        a, b = random.randn(9, 4), random.randn(7, 4) + 0.5
        self.assertAlmostEqual(kernel_distance(a, b), by_double_loop(a, b), places=12)

    def test_is_unbiased_so_its_mean_over_equal_distributions_is_zero(self):
        random = np.random.RandomState(1)
        values = [kernel_distance(random.randn(30, 3), random.randn(30, 3)) for _ in range(400)]
        self.assertLess(abs(np.mean(values)), 3 * np.std(values) / 20)  # three standard errors of 400 draws
        self.assertLess(min(values), 0.0)

    def test_taking_a_sample_twice_counts_no_pair_of_it_with_itself(self):
        random = np.random.RandomState(2)
        real, fake = random.randn(8, 3), random.randn(6, 3)
        means = kernel_means(real, fake)
        self.assertAlmostEqual(means.kid(np.ones(6)), kernel_distance(real, fake), places=12)
        self.assertAlmostEqual(means.kid(np.full(6, 2)), kernel_distance(real, fake), places=12)
        self.assertAlmostEqual(
            means.kid(np.array([1, 1, 1, 1, 0, 0])), kernel_distance(real, fake[:4]), places=12
        )

    def test_bad_features_have_named_errors(self):
        good = np.ones((4, 2))
        with self.assertRaises(TooFewSamples):
            kernel_distance(good, good[:1])
        with self.assertRaises(CountsDiffer):
            kernel_distance(good, np.ones((4, 3)))
        with self.assertRaises(FeaturesNotFinite):
            kernel_distance(good * np.inf, good)
