"""Intervals of the Fréchet distance over blocks of seeds, and the paired comparison behind 'no worse' and
'within 3 %'.

FD is computed per block of generated samples against one fixed reference and averaged over the blocks. A
paired comparison resamples the seeds of both models together and looks at FD_a / FD_b: a is no worse than b
when the upper end of the ratio's 95 % interval is <= 1, and within 3 % when it is <= 1.03.

FD of few samples is too large, by about as much for a good model as for a bad one, so the ratio of two good models is
nearer to 1 than their distances are. The pooled FD takes all blocks as one set, which leaves a third of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

import numpy as np

from pretrain.errors import CountsDiffer
from pretrain.metrics.bootstrap import (
    SEED,
    Estimate,
    interval_of_statistic,
    percentiles,
    recentred,
    resampled_counts,
)
from pretrain.metrics.checks import finite_rows, same_space
from pretrain.metrics.frechet import Gaussian, Reference

FRECHET_RESAMPLES = 300


class WeightedGaussian:
    """Gaussians of resamples of one set of features [N, D]: the mean is taken off once, only drawn rows are
    multiplied."""

    def __init__(self, features: np.ndarray) -> None:
        rows = finite_rows("Fréchet distance", features, at_least=2)
        self.mean = rows.mean(axis=0)
        self.centred = rows - self.mean

    def __len__(self) -> int:
        return len(self.centred)

    def of(self, counts: np.ndarray) -> Gaussian:
        """Mean and covariance (N − 1) with row i taken counts[i] times."""
        drawn = np.flatnonzero(counts)
        weights = counts[drawn].astype(np.float64)
        rows = self.centred[drawn]
        n = weights.sum()
        shift = weights @ rows / n
        covariance = ((rows * weights[:, None]).T @ rows - n * np.outer(shift, shift)) / (n - 1)
        return Gaussian(self.mean + shift, covariance)


@dataclass(frozen=True)
class Comparison:
    """Two models on the same seeds."""

    a: Estimate
    b: Estimate
    ratio: Estimate
    """FD_a / FD_b of the block means; its `blocks` are the ratios of the blocks."""

    def within(self, share: float) -> bool:
        """True when FD_a <= (1 + share) FD_b at the upper end of the paired interval; share = 0 is 'no
        worse'."""
        return self.ratio.high <= 1.0 + share


def frechet_interval(
    reference: Reference,
    blocks: Sequence[np.ndarray],
    resamples: int = FRECHET_RESAMPLES,
    seed: int = SEED,
) -> tuple[Estimate, np.ndarray]:
    """Estimate of FD and its recentred replicates [R], for generated features in blocks of [N, D].

    Equal seeds and sizes resample alike, so the replicates of two models drawn from the same seeds are pairs.
    """
    sets = [WeightedGaussian(block) for block in blocks]
    for block in sets:
        same_space("Fréchet distance", reference.gaussian.mean[None], block.mean[None])
    return interval_of_statistic(
        [len(block) for block in sets],
        lambda k, counts: reference.distance_to(sets[k].of(counts)),
        resamples,
        seed,
    )


def pooled_frechet_interval(
    reference: Reference,
    blocks: Sequence[np.ndarray],
    resamples: int = FRECHET_RESAMPLES,
    seed: int = SEED,
) -> tuple[Estimate, np.ndarray]:
    """`frechet_interval` of all blocks as one set of features; resamples as that does, each block by itself."""
    whole = WeightedGaussian(np.concatenate(blocks))
    counts = np.concatenate(resampled_counts([len(block) for block in blocks], resamples, seed), axis=1)
    value = reference.distance_to(whole.of(np.ones(len(whole), dtype=np.int64)))
    replicates = recentred(np.array([reference.distance_to(whole.of(row)) for row in counts]), value)
    return Estimate(value, *percentiles(replicates), ()), replicates


def compare_frechet(
    reference: Reference,
    a: Sequence[np.ndarray],
    b: Sequence[np.ndarray],
    resamples: int = FRECHET_RESAMPLES,
    seed: int = SEED,
) -> Comparison:
    """Paired comparison of two models; row i of each block of a and b must come from one seed. Throws
    CountsDiffer."""
    if [len(block) for block in a] != [len(block) for block in b]:
        raise CountsDiffer(
            f"paired FD of blocks of {[len(x) for x in a]} and {[len(x) for x in b]} samples; "
            "sample both models at the same seeds"
        )
    return compare_replicates(
        frechet_interval(reference, a, resamples, seed), frechet_interval(reference, b, resamples, seed)
    )


def compare_replicates(a: tuple[Estimate, np.ndarray], b: tuple[Estimate, np.ndarray]) -> Comparison:
    """`compare_frechet` from what `frechet_interval` gave for each model with the same seed, so one of many
    is measured once."""
    (estimate_a, replicates_a), (estimate_b, replicates_b) = a, b
    if len(replicates_a) != len(replicates_b):
        raise CountsDiffer(f"{len(replicates_a)} replicates against {len(replicates_b)}; resample both alike")
    low, high = percentiles(replicates_a / replicates_b)
    blocks = tuple(x / y for x, y in zip(estimate_a.blocks, estimate_b.blocks))
    return Comparison(
        estimate_a, estimate_b, Estimate(estimate_a.value / estimate_b.value, low, high, blocks)
    )
