"""Precision, recall, density, coverage and f_mem: golden case, hand-made sets, brute force."""

import unittest

import numpy as np

from pretrain.errors import CountsDiffer, TooFewSamples
from pretrain.metrics.bootstrap import SEED, resampled_counts
from pretrain.metrics.coverage import coverage_of, interval_of_reach
from pretrain.metrics.memorization import memorised
from pretrain.metrics.neighbours import distances, radius_to_nearest, two_nearest
from pretrain.tests.golden import golden


class CoverageOfSets(unittest.TestCase):
    def test_equals_the_golden_case(self):
        case = golden("10_metrics")
        parts = coverage_of(case["in.real"], case["in.fake"])
        for name in ("precision", "recall", "density", "coverage"):
            case.assert_close(getattr(parts, name).mean(), f"out.{name}")

    def test_radii_equal_the_golden_case(self):
        case = golden("10_metrics")
        real = case["in.real"].astype(np.float64)
        case.assert_close(radius_to_nearest(real, 3), "out.knn3_real")
        case.assert_close(radius_to_nearest(real, 5), "out.knn5_real")

    def test_one_mode_of_two_has_precision_without_recall(self):
        random = np.random.RandomState(0)
        real = np.concatenate([random.randn(50, 2), random.randn(50, 2) + 100])
        fake = random.randn(50, 2) * 0.5
        parts = coverage_of(real, fake)
        self.assertGreater(parts.precision.mean(), 0.95)
        self.assertLessEqual(parts.coverage.mean(), 0.5)
        self.assertLessEqual(parts.recall.mean(), 0.5)

    def test_far_away_samples_score_zero_everywhere(self):
        random = np.random.RandomState(1)
        parts = coverage_of(random.randn(20, 3), random.randn(20, 3) + 50)
        for values in (parts.precision, parts.recall, parts.density, parts.coverage):
            self.assertEqual(values.sum(), 0.0)

    def test_points_on_the_edge_are_in_for_precision_and_out_for_density(self):
        # on a line at 0, 1, …, 9: the ball of 0 reaches exactly to 3 (k = 3) and to 5 (k = 5)
        real = np.arange(10.0)[:, None]
        edge = np.array([[-3.0], [-300.0], [-400.0], [-500.0]])
        self.assertEqual(coverage_of(real, edge).precision[0], 1.0)
        outer = np.array([[-5.0], [-300.0], [-400.0], [-500.0]])
        self.assertEqual(coverage_of(real, outer).density[0], 0.0)

    def test_intervals_of_recall_and_coverage_are_over_generated_samples(self):
        random = np.random.RandomState(2)
        real = random.randn(60, 3)
        blocks = [coverage_of(real, random.randn(size, 3)) for size in (30, 20)]
        counts = resampled_counts([30, 20], 25, SEED)
        for name, reaches in (("recall", "recalls"), ("coverage", "covers")):
            reach = [getattr(block, reaches) for block in blocks]
            estimate = interval_of_reach(reach, 25)
            self.assertAlmostEqual(estimate.value, np.mean([getattr(block, name).mean() for block in blocks]))
            kept = [[r[:, c > 0].any(axis=1).mean() for c in taken] for r, taken in zip(reach, counts)]
            drawn = np.mean(kept, axis=0)
            want = np.percentile(drawn - drawn.mean() + estimate.value, [2.5, 97.5])
            np.testing.assert_allclose([estimate.low, estimate.high], want, atol=1e-9)

    def test_too_few_samples_have_a_named_error(self):
        with self.assertRaisesRegex(TooFewSamples, "at least 6"):
            coverage_of(np.zeros((5, 2)), np.zeros((9, 2)))
        with self.assertRaisesRegex(TooFewSamples, "at least 4"):
            coverage_of(np.zeros((9, 2)), np.zeros((3, 2)))


class Neighbours(unittest.TestCase):
    def test_distances_equal_norms_of_differences_far_from_zero(self):
        random = np.random.RandomState(0)
        a, b = random.randn(7, 5) + 1e5, random.randn(6, 5) + 1e5
        want = np.linalg.norm(a[:, None] - b[None], axis=2)
        np.testing.assert_allclose(distances(a, b), want, rtol=1e-9)

    def test_two_nearest_equal_brute_force_across_pieces(self):
        random = np.random.RandomState(1)
        queries, references = random.randn(20, 4), random.randn(3000, 4)
        between = np.linalg.norm(queries[:, None] - references[None], axis=2)
        near, index = two_nearest(queries, references)
        np.testing.assert_array_equal(index, np.argsort(between, axis=1)[:, :2])
        np.testing.assert_allclose(near, np.sort(between, axis=1)[:, :2], rtol=1e-12)


class Memorised(unittest.TestCase):
    def test_counts_copies_and_not_new_images(self):
        random = np.random.RandomState(0)
        training = random.randint(0, 256, (100, 4, 4, 3)).astype(np.uint8)
        copies = training[[3, 70]].astype(np.float64) + 0.5
        new = random.randint(0, 256, (5, 4, 4, 3))
        np.testing.assert_array_equal(memorised(copies, training), [1, 1])
        self.assertEqual(memorised(new, training).sum(), 0)

    def test_a_third_of_the_way_is_the_border(self):
        training = np.array([[0.0], [9.0]])
        np.testing.assert_array_equal(
            memorised(np.array([[2.2], [2.3], [-4.0], [-5.0]]), training), [1, 0, 1, 0]
        )

    def test_images_of_another_size_have_a_named_error(self):
        with self.assertRaises(CountsDiffer):
            memorised(np.zeros((2, 8)), np.zeros((5, 9)))
