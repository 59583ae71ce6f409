"""Which samples a criterion keeps: by score, per cluster, at random (method §6). Golden cases 05, 06.

Indices come in order of selection, int64; ties go to the lower index everywhere.
"""

from __future__ import annotations

import math
from typing import Callable

import numpy as np

from pretrain.errors import BadSelection
from pretrain.flow.noise import STREAM_SHUFFLE, permutation
from pretrain.scoring.herding import herding


def kept_count(samples: int, ratio: float) -> int:
    """max(1, ⌊n·(1 − ratio) + 1e-9⌋): how many samples a pruning ratio leaves. Throws BadSelection."""
    if samples < 1 or not 0 <= ratio <= 1:
        raise BadSelection(f"a ratio is in [0,1] and prunes one sample or more, not {ratio} of {samples}")
    return max(1, math.floor(samples * (1 - ratio) + 1e-9))


def select_by_score(score: np.ndarray, keep: int, largest: bool) -> np.ndarray:
    """The `keep` samples of largest or smallest score, best first."""
    score = np.asarray(score, np.float64)
    if not np.isfinite(score).all():
        bad = int((~np.isfinite(score)).sum())
        raise BadSelection(f"{bad} of {len(score)} scores are not finite numbers")
    return np.argsort(-score if largest else score, kind="stable")[:keep]


def balanced_quota(sizes: np.ndarray, total: int) -> np.ndarray:
    """How many of each cluster are kept when all are to have the same number: water-filling. What is left is
    shared equally over the open clusters; those not larger than the share are taken whole; again, until none
    is. What does not divide in the last round goes one each to the open clusters of lowest index. Sum:
    min(total, Σ sizes)."""
    sizes = np.asarray(sizes, np.int64)
    quota = np.zeros_like(sizes)
    unfilled = np.flatnonzero(sizes)
    left = min(total, int(sizes.sum()))
    while len(unfilled):
        share = left // len(unfilled)
        whole = unfilled[sizes[unfilled] <= share]
        if len(whole) == 0:
            quota[unfilled] = share
            quota[unfilled[: left - share * len(unfilled)]] += 1
            break
        quota[whole] = sizes[whole]
        left -= int(sizes[whole].sum())
        unfilled = np.setdiff1d(unfilled, whole)
    return quota


def select_per_cluster(
    labels: np.ndarray, score: np.ndarray, quota: np.ndarray, largest: bool = False
) -> np.ndarray:
    """`quota[k]` samples of each cluster k, those of smallest (or largest) score, cluster 0 first."""
    return _per_cluster(labels, quota, lambda rows, keep: select_by_score(score[rows], keep, largest))


def proportional_quota(sizes: np.ndarray, ratio: float) -> np.ndarray:
    """⌊n_k·(1 − ratio) + 1e-9⌋ of each cluster, as the paper does: the sum may fall a little short of the
    budget."""
    return np.floor(np.asarray(sizes) * (1 - ratio) + 1e-9).astype(np.int64)


def select_by_kernel(
    labels: np.ndarray,
    distances: np.ndarray,
    features: np.ndarray,
    quota: np.ndarray,
    anchors: int | None = None,
) -> np.ndarray:
    """C_b^κ: in each cluster herding on its rows of `features` (random Fourier features), `anchors` of them
    (all of the quota when None), and the rest of the quota nearest to the centroid."""

    def choose(rows: np.ndarray, keep: int) -> np.ndarray:
        first = herding(features[rows], keep if anchors is None else min(anchors, keep))
        nearest = np.argsort(distances[rows], kind="stable")
        rest = nearest[~np.isin(nearest, first)]
        return np.concatenate([first, rest])[:keep]

    return _per_cluster(labels, quota, choose)


def _per_cluster(
    labels: np.ndarray, quota: np.ndarray, choose: Callable[[np.ndarray, int], np.ndarray]
) -> np.ndarray:
    """What `choose` takes of the (ascending) rows of each cluster, cluster 0 first."""
    parts = []
    for cluster, keep in enumerate(quota.tolist()):
        rows = np.flatnonzero(labels == cluster)
        if keep:
            parts.append(rows[choose(rows, keep)])
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def select_at_random(samples: int, keep: int, seed: int) -> np.ndarray:
    """The first `keep` of a permutation by stream 3 of the seed."""
    return permutation(seed, STREAM_SHUFFLE, samples)[:keep]


def drop_clusters(labels: np.ndarray, distances: np.ndarray, keep: int, seed: int) -> np.ndarray:
    """Whole clusters in an order by stream 3 of the seed until `keep` samples are there; the last one only as
    far as needed, nearest to its centroid first. The other clusters are gone."""
    order = permutation(seed, STREAM_SHUFFLE, int(labels.max()) + 1)
    rank = np.argsort(order)[labels]
    return np.lexsort((distances, rank))[:keep]


def drop_class(classes: np.ndarray, dropped: int) -> np.ndarray:
    """All samples but those of one class, ascending. Throws BadSelection for a class that has none, or
    all."""
    kept = np.flatnonzero(classes != dropped)
    if len(kept) in (0, len(classes)):
        raise BadSelection(f"class {dropped} has {len(classes) - len(kept)} of {len(classes)} samples")
    return kept


def random_halves(classes: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two disjoint halves that together are all, each ascending: of every class, the first ⌈n_c/2⌉ by one
    permutation of all samples (stream 3 of the seed), and the rest."""
    order = permutation(seed, STREAM_SHUFFLE, len(classes))
    half = []
    for label in np.unique(classes):
        members = order[classes[order] == label]
        half.append(members[: -(-len(members) // 2)])
    first = np.sort(np.concatenate(half))
    return first, np.setdiff1d(np.arange(len(classes)), first)


def oversample(indices: np.ndarray, size: int, seed: int) -> np.ndarray:
    """The kept samples repeated until there are `size`, ascending: every one ⌊size/n⌋ times, and the first
    few of a permutation (stream 3 of the seed) once more."""
    if len(indices) == 0 or size < len(indices):
        raise BadSelection(f"{len(indices)} samples cannot be repeated up to {size}")
    times, more = divmod(size, len(indices))
    order = permutation(seed, STREAM_SHUFFLE, len(indices))
    return np.sort(np.concatenate([np.repeat(indices, times), np.asarray(indices)[order[:more]]]))
