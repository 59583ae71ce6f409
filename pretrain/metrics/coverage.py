"""How much of one set of features lies within the other: precision and recall (k = 3), density and coverage
(k = 5).

Precision and density are means over the generated samples; recall and coverage are shares of the reference that a set
of generated samples reaches, so their intervals drop samples that a resample of the seeds leaves out.

A point's ball has the distance to its k-th nearest *other* point as radius; precision and recall count points
on the ball's edge as inside (<=), density and coverage do not (<). Sources: Kynkäänniemi et al. 2019, arXiv
1904.06991; Naeem et al. 2020, arXiv 2002.09797. Golden case 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

import numpy as np

from pretrain.metrics.bootstrap import SEED, Estimate, interval_of_replicates, resampled_counts
from pretrain.metrics.checks import finite_rows, same_space
from pretrain.metrics.neighbours import distances, radius_to_nearest

PRECISION_K = 3
DENSITY_K = 5


@dataclass(frozen=True)
class Coverage:
    """Per-sample contributions; each metric is the mean of its array."""

    precision: np.ndarray
    """[M] 0 or 1: the generated sample lies in some reference ball (k = 3)."""
    recall: np.ndarray
    """[N] 0 or 1: the reference lies in some generated sample's ball (k = 3)."""
    density: np.ndarray
    """[M] >= 0: reference balls (k = 5) around the generated sample, divided by k; not bounded by 1."""
    coverage: np.ndarray
    """[N] 0 or 1: some generated sample lies in the reference's ball (k = 5)."""
    recalls: np.ndarray
    """[N,M]: reference i lies in the ball of generated sample j; `recall` is whether any does."""
    covers: np.ndarray
    """[N,M]: generated sample j lies in the ball of reference i; `coverage` is whether any does."""


class RealBalls:
    """The balls of a reference [N, D], N > 5: their radii are taken once for many generated sets. Throws TooFewSamples,
    FeaturesNotFinite."""

    def __init__(self, real: np.ndarray) -> None:
        self.points = finite_rows("density and coverage", real, at_least=DENSITY_K + 1)
        self.radius_3 = radius_to_nearest(self.points, PRECISION_K)
        self.radius_5 = radius_to_nearest(self.points, DENSITY_K)


def coverage_of(real: np.ndarray, fake: np.ndarray) -> Coverage:
    """The four metrics of reference features [N, D] and generated features [M, D]; N > 5, M > 3.

    Throws TooFewSamples, FeaturesNotFinite, CountsDiffer.
    """
    return coverage_in(RealBalls(real), fake)


def coverage_in(real: RealBalls, fake: np.ndarray) -> Coverage:
    """`coverage_of` a reference whose balls are known."""
    b = finite_rows("precision and recall", fake, at_least=PRECISION_K + 1)
    same_space("precision and recall", real.points, b)
    between = distances(real.points, b)
    in_real_3 = between <= real.radius_3[:, None]
    in_fake_3 = between <= radius_to_nearest(b, PRECISION_K)[None]
    in_real_5 = between < real.radius_5[:, None]
    return Coverage(
        precision=in_real_3.any(axis=0).astype(np.float64),
        recall=in_fake_3.any(axis=1).astype(np.float64),
        density=in_real_5.sum(axis=0) / DENSITY_K,
        coverage=in_real_5.any(axis=1).astype(np.float64),
        recalls=in_fake_3,
        covers=in_real_5,
    )


def interval_of_reach(blocks: Sequence[np.ndarray], resamples: int) -> Estimate:
    """Share of the reference that is reached, of blocks of [N, M] (`Coverage.recalls` or `.covers`), with an interval over
    the generated samples' seeds. The radii stay those of the whole block."""
    counts = resampled_counts([reach.shape[1] for reach in blocks], resamples, SEED)
    replicates = [
        (reach.astype(np.float32) @ (taken > 0).T.astype(np.float32) > 0).mean(axis=0)
        for reach, taken in zip(blocks, counts)
    ]
    return interval_of_replicates([float(reach.any(axis=1).mean()) for reach in blocks], replicates)[0]
