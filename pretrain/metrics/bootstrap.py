"""Bootstrap 95 % intervals over seeds, by Philox (method §3, stream 3), so that they come out the same on
every machine.

Seeds are resampled with replacement inside their block; a statistic is the mean of its blocks' values. Two
models that were sampled from the same seeds are resampled *together*, so what both owe to a lucky seed
cancels in their difference.
Source: Efron & Tibshirani 1993, ch. 13 (percentile interval).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Sequence

import numpy as np

from pretrain.errors import CountsDiffer, TooFewSamples
from pretrain.flow.noise import STREAM_SHUFFLE, uniforms_of_seeds

CONFIDENCE = 0.95
RESAMPLES = 1000
SEED = 20_260


@dataclass(frozen=True)
class Estimate:
    """A measured number with its 95 % interval. `blocks` are the values of its blocks of seeds, whose mean it
    is."""

    value: float
    low: float
    high: float
    blocks: tuple[float, ...]


def resampled_counts(sizes: Sequence[int], resamples: int, seed: int) -> list[np.ndarray]:
    """How often each sample is taken: for blocks of `sizes` samples, [resamples, size] integers whose rows
    sum to size."""
    if min(sizes, default=0) < 2:
        raise TooFewSamples(f"a bootstrap over blocks of {list(sizes)} samples; each block needs at least 2")
    total = sum(sizes)
    ends = np.cumsum(sizes)
    starts = ends - np.asarray(sizes)
    u = uniforms_of_seeds([seed], STREAM_SHUFFLE, resamples * total)[0].reshape(resamples, total)
    counts = []
    for size, start, end in zip(sizes, starts, ends):
        drawn = (u[:, start:end] * size).astype(np.int64) + size * np.arange(resamples)[:, None]
        counts.append(np.bincount(drawn.ravel(), minlength=resamples * size).reshape(resamples, size))
    return counts


def percentiles(replicates: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of replicates [R]."""
    tail = 100.0 * (1.0 - CONFIDENCE) / 2.0
    low, high = np.percentile(replicates, [tail, 100.0 - tail])
    return float(low), float(high)


def recentred(replicates: np.ndarray, value: float) -> np.ndarray:
    """Replicates [R] moved so that their mean is the measured value.

    A resample repeats samples, so a statistic with a bias at few samples (Fréchet distance, recall) has it
    twice in its replicates; without this the interval of a ratio shrinks towards 1 and may even miss the
    measured value.
    """
    return replicates + (value - replicates.mean())


def interval_of_statistic(
    sizes: Sequence[int],
    statistic: Callable[[int, np.ndarray], float],
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[Estimate, np.ndarray]:
    """Estimate, and recentred replicates [R], of `statistic(block, counts)`, averaged over the blocks.

    `counts` [size of the block] says how often each sample counts; all ones gives the measured value.
    """
    counts = resampled_counts(sizes, resamples, seed)
    blocks = tuple(statistic(k, np.ones(size, dtype=np.int64)) for k, size in enumerate(sizes))
    replicates = np.empty(resamples)
    for r in range(resamples):
        replicates[r] = np.mean([statistic(k, counts[k][r]) for k in range(len(sizes))])
    return interval_of_replicates(blocks, [replicates])


def interval_of_replicates(blocks: Sequence[float], replicates: Sequence[np.ndarray]) -> tuple[Estimate, np.ndarray]:
    """`interval_of_statistic` of what was measured already: the statistic of each block, and of its resamples [R]."""
    value = float(np.mean(blocks))
    moved = recentred(np.mean(replicates, axis=0), value)
    return Estimate(value, *percentiles(moved), tuple(float(block) for block in blocks)), moved


def interval_of_mean(blocks: Sequence[np.ndarray], resamples: int = RESAMPLES, seed: int = SEED) -> Estimate:
    """Mean of per-sample values, blocks of [size]; resamples whole samples. Values of one sample belong in
    one number."""
    arrays = [np.asarray(block, dtype=np.float64) for block in blocks]
    counts = resampled_counts([len(block) for block in arrays], resamples, seed)
    replicates = np.mean([c @ block / len(block) for c, block in zip(counts, arrays)], axis=0)
    values = tuple(float(block.mean()) for block in arrays)
    return Estimate(float(np.mean(values)), *percentiles(replicates), values)


def paired_difference(
    a: Sequence[np.ndarray], b: Sequence[np.ndarray], resamples: int = RESAMPLES, seed: int = SEED
) -> Estimate:
    """Mean of a − b, where row i of each block of both was measured at the same seed. Throws CountsDiffer."""
    if [len(block) for block in a] != [len(block) for block in b]:
        raise CountsDiffer(
            f"paired difference of blocks of {[len(x) for x in a]} and {[len(x) for x in b]} samples; "
            "pair them by seed"
        )
    return interval_of_mean([np.asarray(x, dtype=np.float64) - y for x, y in zip(a, b)], resamples, seed)
