"""Fréchet distance against the golden case, closed forms and its own symmetries."""

import unittest

import numpy as np

from pretrain.errors import CountsDiffer, FeaturesNotFinite, TooFewSamples
from pretrain.metrics.frechet import Gaussian, Reference, frechet_distance, gaussian_of, symmetric_sqrt
from pretrain.tests.golden import golden


class FrechetDistance(unittest.TestCase):
    def test_equals_the_golden_case(self):
        case = golden("10_metrics")
        case.assert_close(frechet_distance(case["in.real"], case["in.fake"]), "out.frechet")
        case.assert_close(frechet_distance(case["in.real"], case["in.real"]), "out.frechet_self")

    def test_of_axis_aligned_gaussians_is_the_closed_form(self):
        # tr(A + B − 2 (AB)^½) = Σ (√a − √b)² for diagonal covariances
        a, b = np.array([1.0, 4.0, 9.0]), np.array([4.0, 4.0, 0.0])
        shift = np.array([1.0, -2.0, 0.5])
        distance = Reference(Gaussian(np.zeros(3), np.diag(a))).distance_to(Gaussian(shift, np.diag(b)))
        self.assertAlmostEqual(distance, shift @ shift + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum(), places=12)

    def test_does_not_depend_on_order_or_rotation(self):
        random = np.random.RandomState(0)
        a, b = random.randn(60, 8), random.randn(50, 8) * 1.5 + 0.3
        turn, _ = np.linalg.qr(random.randn(8, 8))
        distance = frechet_distance(a, b)
        self.assertAlmostEqual(frechet_distance(b, a), distance, places=10)
        self.assertAlmostEqual(frechet_distance(a @ turn, b @ turn), distance, places=10)

    def test_stays_real_when_samples_are_fewer_than_features(self):
        random = np.random.RandomState(1)
        a, b = random.randn(10, 32), random.randn(12, 32)
        self.assertGreater(frechet_distance(a, b), 0.0)
        # the roots of 22 eigenvalues that rounding put around 1e-16
        self.assertLess(frechet_distance(a, a), 1e-6)

    def test_far_from_zero_keeps_its_digits(self):
        random = np.random.RandomState(2)
        a, b = random.randn(40, 6), random.randn(40, 6)
        self.assertAlmostEqual(frechet_distance(a + 1e4, b + 1e4), frechet_distance(a, b), places=6)

    def test_root_squared_is_the_matrix(self):
        features = np.random.RandomState(3).randn(30, 7)
        covariance = gaussian_of(features).covariance
        root = symmetric_sqrt(covariance)
        np.testing.assert_allclose(root @ root, covariance, atol=1e-12)
        np.testing.assert_allclose(covariance, np.cov(features.T), atol=1e-12)

    def test_bad_features_have_named_errors(self):
        good = np.random.RandomState(4).randn(5, 3)
        spoiled = good.copy()
        spoiled[3, 1] = np.nan
        with self.assertRaisesRegex(FeaturesNotFinite, "sample 3"):
            frechet_distance(good, spoiled)
        with self.assertRaisesRegex(TooFewSamples, "1 samples"):
            frechet_distance(good, good[:1])
        with self.assertRaisesRegex(CountsDiffer, "3 and 2"):
            frechet_distance(good, good[:, :2])
