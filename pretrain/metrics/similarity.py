"""Same-seed similarity of two models: s, s_unrel and s_norm = (s − s_unrel) / (1 − s_unrel).

s is the mean cosine of features of paired images (same seed, two models); s_unrel pairs image i of one with
image p(i) of the other, p a seeded permutation without fixed point inside each class, so it says how alike
two strangers of one class look. Source: method §8; golden case 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

import numpy as np

from pretrain.errors import CountsDiffer, FeaturesNotFinite, TooFewSamples
from pretrain.flow.noise import STREAM_SHUFFLE, uniforms_of_seeds
from pretrain.metrics.bootstrap import (
    RESAMPLES,
    SEED,
    Estimate,
    interval_of_mean,
    percentiles,
    resampled_counts,
)
from pretrain.metrics.checks import finite_rows, same_shape


def paired_cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N]: a_i·b_i / (‖a_i‖ ‖b_i‖) of rows [N, ...], flattened; in [−1, 1].

    Throws CountsDiffer, FeaturesNotFinite (NaN, or a row of zeros, which has no direction), TooFewSamples.
    """
    same_shape("paired cosine", a, b)
    a = finite_rows("paired cosine", a, at_least=1)
    b = finite_rows("paired cosine", b, at_least=1)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    if (lengths == 0).any():
        raise FeaturesNotFinite(
            f"paired cosine: sample {np.flatnonzero(lengths == 0)[0]} is all zeros and has no direction"
        )
    return (a * b).sum(axis=1) / lengths


def derangement(labels: np.ndarray, seed: int) -> np.ndarray:
    """Permutation p [N] with labels[p] = labels and p(i) ≠ i for every i: a random cycle through each class.

    Samples are ordered by uniforms of the seed's shuffle stream (number i belongs to sample i); each goes to
    the next of its class. Throws TooFewSamples for a class with one member.
    """
    labels = np.asarray(labels)
    order = np.argsort(uniforms_of_seeds([seed], STREAM_SHUFFLE, len(labels))[0], kind="stable")
    permutation = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        if len(members) < 2:
            raise TooFewSamples(
                f"class {label} has 1 sample, which cannot be paired with another of it; give at least 2"
            )
        permutation[members] = np.roll(members, -1)
    return permutation


def normalised(s: float, s_unrel: float) -> float:
    """s_norm: 1 for the same picture, 0 for strangers of one class."""
    return (s - s_unrel) / (1.0 - s_unrel)


@dataclass(frozen=True)
class Similarity:
    """s, s_unrel and s_norm over blocks of seeds."""

    s: Estimate
    s_unrel: Estimate
    s_norm: Estimate


def similarity(
    a: Sequence[np.ndarray],
    b: Sequence[np.ndarray],
    labels: Sequence[np.ndarray],
    shuffle_seed: int = 0,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Similarity:
    """Similarity of two models; blocks of features [N, D] (row i of both from one seed) and of class labels
    [N].

    s_norm is that of the block means; its interval resamples seeds, taking cos(a_i, b_i) and cos(a_i, b_p(i))
    together.
    """
    if not len(a) == len(b) == len(labels):
        raise CountsDiffer(f"similarity of {len(a)}, {len(b)} blocks with labels of {len(labels)}")
    same = [paired_cosines(x, y) for x, y in zip(a, b)]
    unrelated = []
    for x, y, label in zip(a, b, labels):
        same_shape("labels of a block", label, np.empty(len(x)))
        unrelated.append(paired_cosines(x, np.asarray(y)[derangement(label, shuffle_seed)]))
    counts = resampled_counts([len(block) for block in same], resamples, seed)
    s = np.mean([c @ block / len(block) for c, block in zip(counts, same)], axis=0)
    s_unrel = np.mean([c @ block / len(block) for c, block in zip(counts, unrelated)], axis=0)
    blocks = tuple(normalised(x.mean(), y.mean()) for x, y in zip(same, unrelated))
    estimate = interval_of_mean(same, resamples, seed)
    estimate_unrel = interval_of_mean(unrelated, resamples, seed)
    value = normalised(estimate.value, estimate_unrel.value)
    s_norm = Estimate(value, *percentiles(normalised(s, s_unrel)), blocks)
    return Similarity(estimate, estimate_unrel, s_norm)


def latent_cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[T, N]: cosine of paired states x_t, states [T, N, C, H, W] of two trajectories on one time grid."""
    same_shape("latent cosine", a, b)
    return np.stack([paired_cosines(x, y) for x, y in zip(a, b)])
