"""k-center greedy: each turn the sample farthest from all that were chosen (Gonzalez 1985; Sener & Savarese
2018)."""

from __future__ import annotations

import numpy as np


def k_center(unit: np.ndarray, count: int, start: int) -> np.ndarray:
    """`count` unit rows of [N,D] in order of choice, int64, beginning with `start`; a tie goes to the lower
    index."""
    distance = np.full(len(unit), np.inf)
    chosen = np.empty(min(count, len(unit)), np.int64)
    for turn in range(len(chosen)):
        last = start if turn == 0 else int(np.argmax(distance))
        chosen[turn] = last
        to_last = 1 - np.einsum("nd,d->n", unit, unit[last])  # half of the squared distance
        to_last[to_last < 1e-12] = 0  # equal rows differ by rounding
        distance = np.minimum(distance, to_last)
        distance[last] = -np.inf
    return chosen
