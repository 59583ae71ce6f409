"""Intervals: reproducible, as wide as theory says, paired where seeds are paired, fast enough to be used."""

import time
import unittest

import numpy as np

from pretrain.errors import CountsDiffer, TooFewSamples
from pretrain.metrics.bootstrap import interval_of_mean, paired_difference, resampled_counts
from pretrain.metrics.frechet import Gaussian, Reference, frechet_distance, gaussian_of
from pretrain.metrics.frechet_interval import WeightedGaussian, compare_frechet, frechet_interval, pooled_frechet_interval


class Means(unittest.TestCase):
    def test_counts_take_as_many_as_there_are_and_differ_between_resamples(self):
        a, b = resampled_counts([50, 30], 20, seed=1)
        self.assertEqual((a.shape, b.shape), ((20, 50), (20, 30)))
        np.testing.assert_array_equal(a.sum(axis=1), 50)
        np.testing.assert_array_equal(b.sum(axis=1), 30)
        self.assertEqual(len({tuple(row) for row in a}), 20)

    def test_width_is_that_of_the_normal_approximation(self):
        values = [np.random.RandomState(k).randn(400) for k in range(3)]
        estimate = interval_of_mean(values, resamples=2000)
        standard_error = np.sqrt(sum(x.var() / 400 for x in values)) / 3
        self.assertAlmostEqual(estimate.value, np.mean(values), places=12)
        self.assertAlmostEqual((estimate.high - estimate.low) / (2 * 1.96 * standard_error), 1.0, delta=0.08)

    def test_contains_the_truth_95_times_of_100(self):
        hits = 0
        for trial in range(300):
            random = np.random.RandomState(trial)
            estimate = interval_of_mean(
                [random.exponential(1.0, 60) for _ in range(3)], resamples=200, seed=trial
            )
            hits += estimate.low <= 1.0 <= estimate.high
        self.assertGreater(hits / 300, 0.90)  # 95 % less three standard errors and the skew of 180 samples
        self.assertLess(hits / 300, 0.99)

    def test_pairing_removes_what_both_share(self):
        random = np.random.RandomState(0)
        shared = [random.randn(200) * 10 for _ in range(3)]
        a = [x + 0.1 * random.randn(200) + 0.05 for x in shared]
        difference = paired_difference(a, shared)
        self.assertGreater(difference.low, 0.0)
        self.assertLess(difference.high - difference.low, 0.05)
        with self.assertRaises(CountsDiffer):
            paired_difference(a, [x[:100] for x in shared])

    def test_one_sample_has_a_named_error(self):
        with self.assertRaises(TooFewSamples):
            interval_of_mean([np.ones(1), np.ones(9)])


class FrechetIntervals(unittest.TestCase):
    def test_gaussian_of_a_resample_equals_that_of_the_rows_written_out(self):
        features = np.random.RandomState(0).randn(30, 5) + 3
        counts = resampled_counts([30], 1, seed=2)[0][0]
        got = WeightedGaussian(features).of(counts)
        want = gaussian_of(np.repeat(features, counts, axis=0))
        np.testing.assert_allclose(got.mean, want.mean, atol=1e-12)
        np.testing.assert_allclose(got.covariance, want.covariance, atol=1e-12)

    def test_value_is_the_mean_of_the_blocks_and_lies_in_the_interval(self):
        random = np.random.RandomState(1)
        real = random.randn(300, 8)
        blocks = [random.randn(100, 8) + 0.3 for _ in range(3)]
        estimate, _ = frechet_interval(Reference(gaussian_of(real)), blocks, resamples=100)
        self.assertAlmostEqual(
            estimate.value, np.mean([frechet_distance(real, block) for block in blocks]), places=9
        )
        self.assertLess(estimate.low, estimate.value)
        self.assertLess(estimate.value, estimate.high)

    def test_pooled_distance_is_that_of_all_blocks_together_and_owes_less_to_their_number(self):
        random = np.random.RandomState(3)
        reference = Reference(Gaussian(np.zeros(6), np.eye(6)))
        blocks = [random.randn(60, 6) for _ in range(3)]
        pooled, replicates = pooled_frechet_interval(reference, blocks, resamples=50)
        self.assertAlmostEqual(pooled.value, reference.distance_to(gaussian_of(np.concatenate(blocks))), places=9)
        self.assertLess(pooled.value, frechet_interval(reference, blocks, resamples=2)[0].value / 2)
        self.assertEqual(len(replicates), 50)
        self.assertTrue(pooled.low < pooled.value < pooled.high)

    def test_contains_what_more_samples_of_that_size_give(self):
        reference = Reference(Gaussian(np.zeros(4), np.eye(4)))
        draws = [np.random.RandomState(k).randn(3, 80, 4) * 1.2 + 0.2 for k in range(120)]
        truth = np.mean([frechet_interval(reference, d, resamples=2)[0].value for d in draws])
        hits = sum(
            estimate.low <= truth <= estimate.high
            for estimate, _ in (
                frechet_interval(reference, d, resamples=150, seed=k) for k, d in enumerate(draws)
            )
        )
        self.assertGreater(hits / len(draws), 0.88)  # three standard errors below 95 %

    def test_paired_comparison_tells_a_small_difference_that_single_intervals_hide(self):
        random = np.random.RandomState(2)
        reference = Reference(Gaussian(np.zeros(6), np.eye(6)))
        good = [random.randn(300, 6) * 1.3 for _ in range(3)]
        worse = [x * 1.02 for x in good]
        comparison = compare_frechet(reference, worse, good, resamples=200)
        self.assertLess(comparison.a.low, comparison.b.high)  # the intervals overlap
        self.assertGreater(comparison.ratio.low, 1.0)
        self.assertFalse(comparison.within(0.03))
        self.assertTrue(compare_frechet(reference, good, worse, resamples=200).within(0.0))

    def test_a_model_against_itself_is_no_worse(self):
        blocks = [np.random.RandomState(k).randn(50, 3) + 1 for k in range(3)]
        ratio = compare_frechet(
            Reference(Gaussian(np.zeros(3), np.eye(3))), blocks, blocks, resamples=50
        ).ratio
        self.assertEqual((ratio.low, ratio.value, ratio.high), (1.0, 1.0, 1.0))

    def test_unpaired_blocks_have_a_named_error(self):
        blocks = [np.zeros((5, 2)), np.zeros((6, 2))]
        with self.assertRaisesRegex(CountsDiffer, "same seeds"):
            compare_frechet(Reference(Gaussian(np.zeros(2), np.eye(2))), blocks, blocks[::-1])

    def test_a_hundred_resamples_of_a_thousand_features_take_seconds(self):
        blocks = [np.random.RandomState(k).randn(1000, 128) for k in range(3)]
        reference = Reference(gaussian_of(np.random.RandomState(9).randn(1000, 128)))
        begun = time.monotonic()
        frechet_interval(reference, blocks, resamples=20)
        self.assertLess(time.monotonic() - begun, 20.0)  # about 1 s on an idle core
