"""Kernel distance (KID): squared maximum mean discrepancy under k(x, y) = (x·y / D + 1)³, unbiased over the
full sets.

KID = mean_{i≠j} k(a_i, a_j) + mean_{i≠j} k(b_i, b_j) − 2 mean_{i,j} k(a_i, b_j); not multiplied by 1000, may
be below 0. Source: Bińkowski et al. 2018, arXiv 1801.01401. Golden case 10.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pretrain.metrics.checks import finite_rows, same_space


def polynomial_kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """k(a_i, b_j) of rows [N, D] and [M, D], as [N, M]."""
    return (a @ b.T / a.shape[1] + 1.0) ** 3


@dataclass(frozen=True)
class KernelMeans:
    """What KID needs of a reference and a generated set, so that the generated set can be resampled without
    kernels anew."""

    reference_mean: float
    """mean_{i≠j} k over the reference."""
    to_reference: np.ndarray
    """[M]: mean over the reference of k(reference_i, generated_j)."""
    within: np.ndarray
    """[M, M]: k of the generated set with itself, its diagonal 0."""

    def kid(self, weights: np.ndarray | None = None) -> float:
        """KID with generated sample j taken weights[j] times (once each by default).

        Pairs of a sample with its own copy do not count, so resampling adds no diagonal: Σ w_i w_j over i ≠ j
        is (Σw)² − Σw².
        """
        w = np.ones(len(self.to_reference)) if weights is None else weights.astype(np.float64)
        pairs = w.sum() ** 2 - (w**2).sum()
        return float(
            self.reference_mean + w @ self.within @ w / pairs - 2.0 * (w @ self.to_reference) / w.sum()
        )


def mean_within(features: np.ndarray) -> float:
    """mean_{i≠j} k(a_i, a_j) of features [N, D], N >= 2. Throws TooFewSamples, FeaturesNotFinite."""
    a = finite_rows("KID", features, at_least=2)
    own = polynomial_kernel(a, a)
    return float((own.sum() - np.trace(own)) / (len(a) * (len(a) - 1)))


def kernel_means(real: np.ndarray, fake: np.ndarray, reference_mean: float | None = None) -> KernelMeans:
    """Kernel sums of features [N, D] and [M, D]; `reference_mean` is `mean_within(real)` where that is known already.
    Throws TooFewSamples, FeaturesNotFinite, CountsDiffer."""
    a = finite_rows("KID", real, at_least=2)
    b = finite_rows("KID", fake, at_least=2)
    same_space("KID", a, b)
    reference_mean = mean_within(a) if reference_mean is None else reference_mean
    within = polynomial_kernel(b, b)
    np.fill_diagonal(within, 0.0)
    return KernelMeans(reference_mean, polynomial_kernel(a, b).mean(axis=0), within)


def kernel_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Unbiased KID of two sets of features [N, D] and [M, D]."""
    return kernel_means(real, fake).kid()
