"""Fréchet distance of two sets of features, FD = ‖μa − μb‖² + tr(Σa + Σb − 2 (Σa^½ Σb Σa^½)^½), covariances
with N − 1.

It is named after the network whose features it reads (FD-embedding), and is FID for Inception's only.
Source: Dowson & Landau 1982; Heusel et al. 2017, arXiv 1706.08500. Golden case 10.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pretrain.metrics.checks import finite_rows, same_space


@dataclass(frozen=True)
class Gaussian:
    """Mean [D] and covariance [D, D] of features."""

    mean: np.ndarray
    covariance: np.ndarray


def gaussian_of(features: np.ndarray) -> Gaussian:
    """Mean and covariance (divided by N − 1) of features [N, D], N >= 2. Throws TooFewSamples,
    FeaturesNotFinite."""
    rows = finite_rows("Fréchet distance", features, at_least=2)
    mean = rows.mean(axis=0)
    centred = rows - mean
    return Gaussian(mean, centred.T @ centred / (len(rows) - 1))


def symmetric_sqrt(matrix: np.ndarray) -> np.ndarray:
    """The positive semi-definite root R = Rᵀ of a covariance [D, D], R R = matrix.

    By eigen-decomposition, which stays real and stable for a singular covariance (fewer samples than D);
    eigenvalues that rounding made negative count as 0.
    """
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


class Reference:
    """The fixed side of many Fréchet distances: its root is taken once."""

    def __init__(self, gaussian: Gaussian) -> None:
        self.gaussian = gaussian
        self.root = symmetric_sqrt(gaussian.covariance)
        self.trace = float(np.trace(gaussian.covariance))

    def distance_to(self, other: Gaussian) -> float:
        """FD between the reference and `other`, in squared units of the features, never below 0.

        tr((Σa^½ Σb Σa^½)^½) is the sum of the roots of that symmetric matrix's eigenvalues.
        """
        shift = self.gaussian.mean - other.mean
        inner = self.root @ other.covariance @ self.root
        roots = np.sqrt(np.maximum(np.linalg.eigvalsh((inner + inner.T) / 2), 0.0))
        spread = self.trace + float(np.trace(other.covariance)) - 2.0 * float(roots.sum())
        return max(float(shift @ shift) + spread, 0.0)


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """FD of two sets of features [N, D] and [M, D]. Throws TooFewSamples, FeaturesNotFinite, CountsDiffer."""
    a = gaussian_of(real)
    b = gaussian_of(fake)
    same_space("Fréchet distance", a.mean[None], b.mean[None])
    return Reference(a).distance_to(b)
