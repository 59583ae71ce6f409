"""Euclidean distances and nearest neighbours of features, in float64, in pieces that bound the memory."""

from __future__ import annotations

import numpy as np

from pretrain.errors import TooFewSamples

PIECE_ROWS = 1024


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """‖a_i − b_j‖ of rows [N, D] and [M, D], as [N, M].

    Both sets are moved to b's mean first: ‖a‖² + ‖b‖² − 2 a·b loses digits where features sit far from 0.
    """
    centre = b.mean(axis=0)
    a = a - centre
    b = b - centre
    squared = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None] - 2.0 * (a @ b.T)
    return np.sqrt(np.maximum(squared, 0.0))


def radius_to_nearest(points: np.ndarray, k: int) -> np.ndarray:
    """[N]: distance of each point [N, D] to its k-th nearest *other* point.
    Throws TooFewSamples unless N > k."""
    if len(points) <= k:
        raise TooFewSamples(f"{k} nearest other points asked of {len(points)} samples; give at least {k + 1}")
    between = distances(points, points)
    np.fill_diagonal(between, np.inf)
    return np.partition(between, k - 1, axis=1)[:, k - 1]


def two_nearest(
    queries: np.ndarray, references: np.ndarray, candidates: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """Distances [N, 2] of each query [N, D] to its nearest and second nearest reference [M, D], and their
    indices [N, 2].

    float32 products find `candidates` of them, piece by piece; float64 differences then measure and order
    those. Ties: lower index. Throws TooFewSamples unless M >= 2.
    """
    if len(references) < 2:
        raise TooFewSamples(f"the second nearest of {len(references)} references; give at least 2")
    candidates = min(candidates, len(references))
    found = np.empty((len(queries), candidates), dtype=np.int64)
    best = np.full((len(queries), candidates), np.inf, dtype=np.float32)
    centre = references[:PIECE_ROWS].mean(axis=0, dtype=np.float64).astype(np.float32)
    moved = queries.astype(np.float32) - centre
    squared_query = (moved * moved).sum(axis=1)[:, None]
    for start in range(0, len(references), PIECE_ROWS):
        piece = references[start : start + PIECE_ROWS].astype(np.float32) - centre
        squared = squared_query + (piece * piece).sum(axis=1)[None] - 2.0 * (moved @ piece.T)
        index = np.broadcast_to(np.arange(start, start + len(piece)), squared.shape)
        all_squared = np.concatenate([best, squared], axis=1)
        all_index = np.concatenate([found, index], axis=1)
        order = np.argsort(all_squared, axis=1, kind="stable")[:, :candidates]
        best = np.take_along_axis(all_squared, order, axis=1)
        found = np.take_along_axis(all_index, order, axis=1)
    found.sort(axis=1)
    exact = np.empty(found.shape)
    for i, query in enumerate(queries.astype(np.float64)):
        exact[i] = np.linalg.norm(references[found[i]].astype(np.float64) - query, axis=1)
    order = np.argsort(exact, axis=1, kind="stable")[:, :2]
    return np.take_along_axis(exact, order, axis=1), np.take_along_axis(found, order, axis=1)
