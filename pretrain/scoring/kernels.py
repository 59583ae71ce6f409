"""Random Fourier features of a Gaussian kernel, for herding in the kernel's space (method §6, golden
06_cluster_*).

φ(x) = √(2/R)·cos(ω x + b), ω ~ N(0, I)/σ, b ~ U(0, 2π): ⟨φ(x), φ(y)⟩ ≈ exp(−‖x − y‖²/(2σ²)).
Source: Rahimi & Recht 2007, "Random features for large-scale kernel machines".
"""

from __future__ import annotations

import math

import numpy as np

from pretrain.errors import BadSelection
from pretrain.flow.noise import STREAM_CLUSTERING, normals, permutation, uniforms

FEATURES = 512
#: The median is taken over the pairs of this many samples at most.
MEDIAN_SAMPLES = 2048
# Where each draw begins in stream 6; k-means++ has the numbers before.
_PHASES_AT = 1 << 20
_MEDIAN_AT = 1 << 21
_FREQUENCIES_AT = 1 << 32


def random_frequencies(
    dimensions: int, sigma: float, seed: int, count: int = FEATURES
) -> tuple[np.ndarray, np.ndarray]:
    """ω [count,D] = normals / σ, row by row from number 2³² of stream 6, and b [count] = 2π·uniforms from
    number 2²⁰."""
    omega = normals(seed, STREAM_CLUSTERING, count * dimensions, _FREQUENCIES_AT).astype(np.float64)
    phases = 2 * math.pi * uniforms(seed, STREAM_CLUSTERING, count, _PHASES_AT)
    return omega.reshape(count, dimensions) / sigma, phases


def fourier_features(unit: np.ndarray, omega: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """φ of rows [N,D], float64 [N,R]."""
    return math.sqrt(2 / len(omega)) * np.cos(np.einsum("nd,rd->nr", unit, omega) + phases)


def median_sigma(unit: np.ndarray, seed: int = 0) -> float:
    """σ = √(lower median of ‖x_i − x_j‖² over pairs i < j, halved). Above 2,048 samples: of the first 2,048
    of a permutation from number 2²¹ of stream 6. Throws BadSelection when there is no pair, or half of the
    pairs coincide."""
    if len(unit) > MEDIAN_SAMPLES:
        unit = unit[np.sort(permutation(seed, STREAM_CLUSTERING, len(unit), _MEDIAN_AT)[:MEDIAN_SAMPLES])]
    if len(unit) < 2:
        raise BadSelection(f"{len(unit)} samples have no pair to take a median distance of")
    squares = (unit * unit).sum(axis=1)
    gaps = squares[:, None] + squares - 2 * (unit @ unit.T)
    pairs = gaps[np.triu_indices(len(unit), k=1)]
    sigma = math.sqrt(max(0.0, float(np.partition(pairs, (len(pairs) - 1) // 2)[(len(pairs) - 1) // 2])) / 2)
    if sigma < 1e-9:
        raise BadSelection("half of all pairs of samples have the same features: the median distance is 0")
    return sigma
