"""Spherical k-means: clusters of directions, for criterion C (method §6). Golden cases 06_cluster_*.

Rows are L2-normalised first; a row belongs to the centroid of largest cosine (a tie: lower index), a centroid
is the normalised mean of its rows. All in float64. Source: Dhillon & Modha 2001; start: Arthur &
Vassilvitskii 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pretrain.errors import BadSelection
from pretrain.flow.noise import STREAM_CLUSTERING, uniforms

MAX_ROUNDS = 100
#: Rows whose cosines are taken at a time.
_ROWS_AT_A_TIME = 4096


@dataclass(frozen=True)
class Clusters:
    #: [N] int64
    labels: np.ndarray
    #: [K,D] unit rows
    centroids: np.ndarray
    #: Euclidean distance to the own centroid [N]
    distances: np.ndarray
    #: Rounds of assigning and updating that were run.
    rounds: int

    @property
    def sizes(self) -> np.ndarray:
        """Samples of each cluster [K]."""
        return np.bincount(self.labels, minlength=len(self.centroids))

    @property
    def inertia(self) -> float:
        """Sum of 1 − cosine to the own centroid: half of the squared distances."""
        return float((self.distances**2).sum() / 2)


def unit_rows(features: np.ndarray) -> np.ndarray:
    """Rows divided by their L2 norm, float64 [N,D]. Throws BadSelection for a row that has no direction."""
    rows = np.asarray(features, np.float64)
    norms = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    if not np.isfinite(norms).all() or (norms == 0).any():
        bad = int(np.argmin(np.isfinite(norms[:, 0]) & (norms[:, 0] > 0)))
        raise BadSelection(f"the features of sample {bad} have no direction: all zero, or not finite")
    return rows / norms


def cluster_count(samples: int) -> int:
    """K for a set of this size: min(24, max(2, ⌊n/20⌋))."""
    return min(24, max(2, samples // 20))


def k_means_start(unit: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Centroids [count,D] by k-means++ on unit rows, from numbers u_0, u_1, … of stream 6 of the seed: the
    first is row ⌊u_0·N⌋; the k-th is the first row whose running sum of d passes u_k·Σd, where d = 1 − cosine
    to the nearest centroid so far (half of the squared distance), 0 for rows that are centroids. If all d are
    0, the lowest row that is no centroid yet. Throws BadSelection for more clusters than rows."""
    samples = len(unit)
    if not 1 <= count <= samples:
        raise BadSelection(f"{samples} samples cannot make {count} clusters")
    u = uniforms(seed, STREAM_CLUSTERING, count)
    chosen = [int(u[0] * samples)]
    distance = np.full(samples, np.inf)
    for k in range(1, count):
        to_last = 1 - np.einsum("nd,d->n", unit, unit[chosen[-1]])
        to_last[to_last < 1e-12] = 0  # equal rows differ by rounding
        distance = np.minimum(distance, to_last)
        distance[chosen[-1]] = 0
        running = np.cumsum(distance)
        if running[-1] > 0:
            chosen.append(int(np.searchsorted(running, u[k] * running[-1], side="right")))
        else:
            chosen.append(int(np.setdiff1d(np.arange(samples), chosen)[0]))
    return unit[chosen]


def spherical_k_means(unit: np.ndarray, start: np.ndarray, rounds: int = MAX_ROUNDS) -> Clusters:
    """Clusters of unit rows [N,D] from the centroids `start` [K,D], until labels rest or `rounds` rounds are
    done, then a last assignment. A cluster without rows, or whose rows cancel, keeps its centroid."""
    centroids = unit_rows(start)
    labels = _nearest(unit, centroids)
    done = 0
    while done < rounds:
        done += 1
        sums = np.stack([unit[labels == k].sum(axis=0) for k in range(len(centroids))])
        norms = np.sqrt((sums * sums).sum(axis=1, keepdims=True))
        centroids = np.where(norms > 1e-12, sums / np.maximum(norms, 1e-12), centroids)
        before, labels = labels, _nearest(unit, centroids)
        if np.array_equal(before, labels):
            break
    return Clusters(labels, centroids, distances_to(unit, centroids[labels]), done)


def distances_to(unit: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """‖x − target‖ of paired rows [N]. Row by row in one order, so that equal rows tie exactly."""
    gaps = unit - targets
    return np.sqrt((gaps * gaps).sum(axis=1))


def _nearest(unit: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """Index of the centroid of largest cosine, int64 [N]."""
    parts = [
        np.argmax(unit[start : start + _ROWS_AT_A_TIME] @ centroids.T, axis=1)
        for start in range(0, len(unit), _ROWS_AT_A_TIME)
    ]
    return np.concatenate(parts).astype(np.int64)
