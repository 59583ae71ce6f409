"""MSE, PSNR and SSIM against closed forms and a window-by-window computation."""

import unittest

import numpy as np

from pretrain.errors import CountsDiffer, FeaturesNotFinite, TooFewSamples
from pretrain.metrics.pixels import (
    gaussian_window,
    mean_squared_error,
    peak_signal_to_noise,
    psnr_of_mean_error,
    structural_similarity,
)


def ssim_window_by_window(a: np.ndarray, b: np.ndarray) -> float:
    """SSIM of two [H,W] images as Wang et al. write it: weighted moments at each position, two-dimensional
    window."""
    x = np.arange(11) - 5
    window = np.exp(-(x[:, None] ** 2 + x[None] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for i in range(a.shape[0] - 10):
        for j in range(a.shape[1] - 10):
            p, q = a[i : i + 11, j : j + 11], b[i : i + 11, j : j + 11]
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
            cov = (window * (p - mp) * (q - mq)).sum()
            values.append((2 * mp * mq + c1) * (2 * cov + c2) / ((mp**2 + mq**2 + c1) * (vp + vq + c2)))
    return float(np.mean(values))


class Pixels(unittest.TestCase):
    def test_ssim_equals_window_by_window_moments(self):
        random = np.random.RandomState(0)
        a = random.randint(0, 256, (2, 16, 14, 3))
        b = np.clip(a + random.randint(-40, 40, a.shape), 0, 255)
        want = [
            np.mean(
                [ssim_window_by_window(a[n, :, :, c] * 1.0, b[n, :, :, c] * 1.0) for c in range(3)]
            ) for n in (0, 1)
        ]
        np.testing.assert_allclose(structural_similarity(a, b), want, rtol=1e-9)

    def test_ssim_of_two_flat_images_is_the_luminance_term(self):
        a, b = np.full((1, 12, 12, 3), 100), np.full((1, 12, 12, 3), 150)
        c1 = 2.55**2
        want = (2 * 100 * 150 + c1) / (100**2 + 150**2 + c1)
        np.testing.assert_allclose(structural_similarity(a, b), [want], rtol=1e-9)

    def test_equal_images_have_ssim_1_and_infinite_psnr(self):
        a = np.random.RandomState(1).randint(0, 256, (3, 11, 11, 3)).astype(np.uint8)
        np.testing.assert_allclose(structural_similarity(a, a), 1.0, rtol=1e-12)
        self.assertTrue(np.isinf(peak_signal_to_noise(a, a)).all())
        self.assertIsNone(psnr_of_mean_error(0.0))

    def test_bytes_do_not_wrap_around(self):
        a, b = np.full((1, 2, 2, 3), 250, np.uint8), np.full((1, 2, 2, 3), 5, np.uint8)
        np.testing.assert_array_equal(mean_squared_error(a, b), [245.0**2])
        np.testing.assert_allclose(peak_signal_to_noise(a, b), [20 * np.log10(255 / 245)])

    def test_window_sums_to_1_and_falls_off_with_sigma(self):
        window = gaussian_window()
        self.assertAlmostEqual(window.sum(), 1.0, places=15)
        self.assertAlmostEqual(window[6] / window[5], np.exp(-1 / 4.5), places=15)

    def test_bad_pairs_have_named_errors(self):
        a = np.zeros((2, 16, 16, 3))
        with self.assertRaises(CountsDiffer):
            structural_similarity(a, a[:1])
        with self.assertRaises(FeaturesNotFinite):
            mean_squared_error(a, a + np.nan)
        with self.assertRaisesRegex(TooFewSamples, "11×11"):
            structural_similarity(a[:, :8], a[:, :8])
        with self.assertRaises(TooFewSamples):
            mean_squared_error(a[:0], a[:0])
