"""Differences of paired images in pixels: MSE, PSNR and SSIM, per pair, on 8-bit RGB [N, H, W, 3] (data range
255).

SSIM: Gaussian window 11×11 of σ 1.5 (weights sum to 1), K1 = 0.01, K2 = 0.03, over the positions where the
window lies inside the image, mean over positions and over RGB. Source: Wang et al. 2004, eq. 13; method §8.
"""

from __future__ import annotations

import math

import numpy as np

from pretrain.errors import FeaturesNotFinite, TooFewSamples
from pretrain.metrics.checks import same_shape

DATA_RANGE = 255.0
WINDOW = 11
SIGMA = 1.5
K1 = 0.01
K2 = 0.03


def _pairs(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    same_shape("pixel metrics", a, b)
    if len(a) == 0:
        raise TooFewSamples("pixel metrics: 0 pairs; give at least 1")
    a = np.asarray(a, dtype=np.float64)
    b = np.asarray(b, dtype=np.float64)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise FeaturesNotFinite(f"pixel metrics: NaN or infinity among {len(a)} pairs of images")
    return a, b


def mean_squared_error(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N]: mean over pixels and channels of (a − b)², in squared levels of 0..255."""
    a, b = _pairs(a, b)
    return ((a - b) ** 2).reshape(len(a), -1).mean(axis=1)


def peak_signal_to_noise(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N]: 10 log10(255² / MSE) in dB; infinite for equal images (null in JSON)."""
    error = mean_squared_error(a, b)
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(DATA_RANGE**2 / error)


def gaussian_window() -> np.ndarray:
    """[11]: the one-dimensional factor of the window, exp(−x²/2σ²) over x = −5..5, sum 1."""
    x = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-(x**2) / (2.0 * SIGMA**2))
    return weights / weights.sum()


def _windowed_mean(images: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean under the window at each position inside: [N, H, W, C] → [N, H − 10, W − 10, C]."""
    rows = images.shape[1] - WINDOW + 1
    columns = images.shape[2] - WINDOW + 1
    down = sum(w * images[:, i : i + rows] for i, w in enumerate(weights))
    return sum(w * down[:, :, i : i + columns] for i, w in enumerate(weights))


def structural_similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N]: SSIM per pair, in [−1, 1], 1 for equal images. Images of at least 11×11; throws TooFewSamples for
    smaller ones."""
    a, b = _pairs(a, b)
    if min(a.shape[1:3]) < WINDOW:
        raise TooFewSamples(
            f"SSIM: images of {a.shape[2]}×{a.shape[1]} pixels, the window needs {WINDOW}×{WINDOW}"
        )
    weights = gaussian_window()
    c1 = (K1 * DATA_RANGE) ** 2
    c2 = (K2 * DATA_RANGE) ** 2
    mean_a = _windowed_mean(a, weights)
    mean_b = _windowed_mean(b, weights)
    variance_a = _windowed_mean(a * a, weights) - mean_a**2
    variance_b = _windowed_mean(b * b, weights) - mean_b**2
    covariance = _windowed_mean(a * b, weights) - mean_a * mean_b
    luminance = (2.0 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    structure = (2.0 * covariance + c2) / (variance_a + variance_b + c2)
    return (luminance * structure).reshape(len(a), -1).mean(axis=1)


def psnr_of_mean_error(error: float) -> float | None:
    """PSNR in dB of a mean squared error; None where the error is 0, which JSON cannot say as infinity."""
    return None if error == 0.0 else 10.0 * math.log10(DATA_RANGE**2 / error)
